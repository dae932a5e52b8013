// SPDX-License-Identifier: GPL-3.0-or-later

// Asio, compiled once for all (BOOST_ASIO_SEPARATE_COMPILATION, see CMakeLists.txt).
#include <boost/asio/impl/src.hpp>
