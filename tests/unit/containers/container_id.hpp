// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

/// The id of a container.
inline const std::string id(64, 'a');
