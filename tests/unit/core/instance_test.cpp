// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/instance.hpp"

#include <set>
#include <string>

#include "core/error.hpp"
#include "support/catch.hpp"

using namespace mastobak;

TEST_CASE("the instance without a name has the names of the program") {
    const Instance only;
    CHECK_FALSE(only.has_name());
    CHECK(only.configuration() == "/etc/mastobak/mastobak.yaml");
    CHECK(only.state_directory() == "/var/lib/mastobak");
    CHECK(only.runtime_directory() == "/run/mastobak");
    CHECK(only.daemon() == "mastobak");
    CHECK(only.unit() == "mastobak.service");
    CHECK(only.containers_unit() == "mastobak-containers.socket");
    CHECK(only.containers_socket() == "/run/mastobak-containers.sock");
    CHECK(only.bus_name() == "org.mastobak.Daemon1");
    CHECK(only.polkit_rule() == "/etc/polkit-1/rules.d/45-mastobak.rules");
    CHECK(only.command() == "mastobak");
}

TEST_CASE("an instance with a name shares none of its own names with another one") {
    const Instance fedi("fedi-2");
    CHECK(fedi.has_name());
    CHECK(fedi.configuration() == "/etc/mastobak/fedi-2/mastobak.yaml");
    CHECK(fedi.state_directory() == "/var/lib/mastobak@fedi-2");
    CHECK(fedi.runtime_directory() == "/run/mastobak@fedi-2");
    CHECK(fedi.unit() == "mastobak@fedi-2.service");
    CHECK(fedi.containers_unit() == "mastobak-containers@fedi-2.socket");
    CHECK(fedi.containers_socket() == "/run/mastobak-containers@fedi-2.sock");
    CHECK(fedi.bus_name() == "org.mastobak.Daemon1.fedi-2");
    CHECK(fedi.polkit_rule() == "/etc/polkit-1/rules.d/45-mastobak@fedi-2.rules");
    CHECK(fedi.command() == "mastobak --instance fedi-2");

    std::set<std::string> names;
    for (const auto& instance : {Instance(), Instance("a"), Instance("b")})
        for (const auto& name :
             {instance.configuration().native(), instance.state_directory().native(),
              instance.runtime_directory().native(), instance.unit(), instance.containers_unit(),
              instance.containers_socket().native(), instance.bus_name(),
              instance.polkit_rule().native()})
            CHECK(names.insert(name).second);
    CHECK(Instance::lock_of_host() == "/run/mastobak/host.lock");
}

TEST_CASE("a name of an instance is a short plain word") {
    CHECK(Instance(std::string(32, 'a')).has_name());
    for (const auto* name : {"a", "mastodon", "x9", "a-b-"}) CHECK(Instance(name).name() == name);
    for (const auto& name :
         {std::string(), std::string(33, 'a'), std::string("9a"), std::string("-a"),
          std::string("A"), std::string("a_b"), std::string("a.b"), std::string("a/b"),
          std::string(".."), std::string("a@b"), std::string("a b"), std::string("a\n"),
          std::string("ä"), std::string("a\0b", 3), std::string("ssh")}) {
        CAPTURE(name);
        CHECK_THROWS_AS(Instance(name), Error);
    }
}
