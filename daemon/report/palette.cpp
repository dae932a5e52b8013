// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/report/palette.hpp"

#include <fmt/format.h>

namespace mastobak::daemon::report {
namespace {

constexpr std::string_view rules = R"(
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main { max-width: 64rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; line-height: 1.2; margin: .5rem 0; }
h2 { font-size: 1.1rem; margin: 0 0 .75rem; }
h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
p, ul { margin: .25rem 0; }
ul { padding-left: 1.25rem; }
section, .tile { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
section { padding: 1rem; margin: 1rem 0; }
.badge { display: inline-block; padding: .1rem .7rem; border-radius: 1rem; font-weight: 700;
  color: var(--page); }
.badge.good { background: var(--good); }
.badge.bad { background: var(--bad); }
.faint { color: var(--faint); }
.small { font-size: .875rem; }
.is-good { color: var(--good); font-weight: 600; }
.is-warn { color: var(--warn); font-weight: 600; }
.is-bad { color: var(--bad); font-weight: 600; }
.tiles { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); }
.tile { padding: .75rem; }
.tile b { display: block; font-size: 1.25rem; line-height: 1.3; }
.tile span { display: block; }
.charts { display: grid; gap: 1rem 1.5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); }
figure { margin: 0; }
figcaption { font-weight: 600; }
.plot { display: block; width: 100%; height: 7rem; border-bottom: 1px solid var(--faint); }
.ends { display: flex; justify-content: space-between; gap: 1rem; }
.calendar { display: block; width: 100%; max-width: 44rem; height: auto; }
.key { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-top: .5rem; }
.key svg { width: .8rem; height: .8rem; margin-right: .4rem; vertical-align: -.05rem; }
.room { display: block; width: 100%; height: .9rem; border-radius: .45rem; margin: .4rem 0; }
.f-good { fill: var(--good); } .f-warn { fill: var(--warn); } .f-bad { fill: var(--bad); }
.f-one { fill: var(--one); } .f-two { fill: var(--two); } .f-three { fill: var(--three); }
.f-line { fill: var(--line); } .f-faint { fill: var(--faint); }
.mark { stroke: var(--card); stroke-width: 1.6; fill: none; }
.month { fill: var(--faint); font-size: 9px; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0;
  border-top: 1px solid var(--line); }
thead th { border-top: 0; }
th { font-weight: 600; color: var(--faint); white-space: nowrap; }
.n { white-space: nowrap; }
tr.gone td { color: var(--faint); }
details > summary { cursor: pointer; }
@media (max-width: 40rem) {
  main { padding: .75rem; }
  section { padding: .75rem; }
  thead { display: none; }
  tr { display: block; padding: .4rem 0; border-top: 1px solid var(--line); }
  td { display: block; border: 0; padding: 0; }
  .n { white-space: normal; }
  td:empty { display: none; }
  td[data-label]::before { content: attr(data-label) " "; color: var(--faint); }
}
@media print { section { break-inside: avoid; } }
)";

std::string values(std::string_view Colour::*shade) {
    std::string text;
    for (const auto& colour : palette)
        text += fmt::format(" --{}: {};", colour.name, colour.*shade);
    return text;
}

}  // namespace

std::string style_sheet() {
    return fmt::format(
        "\n:root {{ color-scheme: light dark;{} }}\n"
        "@media (prefers-color-scheme: dark) {{ :root {{{} }} }}{}",
        values(&Colour::light), values(&Colour::dark), rules);
}

}  // namespace mastobak::daemon::report
