// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

// Names of sets of three nights.
inline const std::string first = "20261120T030000Z";
inline const std::string second = "20261121T030000Z";
inline const std::string third = "20261122T030000Z";
