// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

// Names of the sets after that of MediaFixture.
inline const std::string second = "20261123T030000Z";
inline const std::string third = "20261124T030000Z";
