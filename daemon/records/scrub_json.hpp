// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>

#include "core/json.hpp"
#include "scrub/ledger.hpp"
#include "scrub/scrub.hpp"

/// How the scrub looks in JSON: for `--json` and the D-Bus API. See json.hpp.
namespace mastobak::daemon {

/// An array, an object for each damaged one.
Json to_json(const std::map<std::string, scrub::Damage>& damaged);
Json to_json(const scrub::Summary& summary);
/// Throws Json::exception for what is none.
scrub::Summary summary_from(const Json& json);

/// What `verify --from` prints.
Json to_json(const scrub::Report& report);

/// "'media/x.tar' is damaged: its contents changed; 2 files (a, b); used by 1 set (…); whole at
/// remote 'b2'".
std::string damage_text(const std::string& object, const scrub::Damage& damage);

}  // namespace mastobak::daemon
