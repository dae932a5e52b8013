// SPDX-License-Identifier: GPL-3.0-or-later

// Compiles Asio once for all libraries (BOOST_ASIO_SEPARATE_COMPILATION, see CMakeLists.txt).
#include <boost/asio/impl/src.hpp>
