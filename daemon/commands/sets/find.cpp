// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/stop_on_signal.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/restores/selected_set.hpp"
#include "restore/compare_sets.hpp"
#include "restore/find_media.hpp"
#include "restore/source/checked_files.hpp"

namespace mastobak::daemon {
namespace {

struct FindRequest {
    std::string name;
    std::string from{};
};

void add_find_options(CLI::App& app, Options& options, FindRequest& request) {
    app.add_option("NAME", request.name,
                   "a path in public/system or a part of one, the id of an attachment, @user for "
                   "all of an account, or the URL that a browser shows")
        ->required();
    add_source(app, request.from, "staging, and the sets that only remotes have");
    add_json(app, options);
    add_public_key(app, options);
}

/// The sets of all places, ready to be searched.
class AllSets {
 public:
    AllSets(const Options& options, const FindRequest& request, std::stop_token stop)
        : options_(options),
          request_(request),
          stop_(std::move(stop)),
          config_(config_for(options, request.from)) {
        std::vector<std::string> places{request.from};
        if (request.from.empty())
            for (const auto& remote : config_.offsite) places.push_back(remote.name);
        for (const auto& place : places) attempt(places.size() == 1, [&] { add_place(place); });
        std::sort(sets_.begin(), sets_.end(),
                  [](const auto& a, const auto& b) { return a.name < b.name; });
    }

    const std::vector<restore::SearchedSet>& sets() const { return sets_; }
    /// Returns the first error because of which a place or a set was not searched.
    const std::optional<Error>& problem() const { return problem_; }

 private:
    /// Does a part of the work. Reports an error and continues, unless it is the only part.
    template <typename Work>
    void attempt(bool only, Work work) {
        try {
            work();
        } catch (const Error& error) {
            const auto code = error.code();
            if (only || (code != Errc::corrupt && code != Errc::offsite && code != Errc::staging))
                throw;
            say_error("mastobak: warning: {}; not searched\n", error.text());
            if (!problem_) problem_ = error;
        }
    }

    void add_place(const std::string& place) {
        auto source = source_of(place, fmt::format("{}", sources_.size()));
        for (const auto& set : source->list(stop_))
            if (seen_.insert(set).second) attempt(false, [&] { add_set(*source, place, set); });
        sources_.push_back(std::move(source));
    }

    void add_set(restore::SetSource& source, const std::string& place, const std::string& set) {
        const auto manifest = source.manifest(set, stop_);
        if (!source.foreign().empty())
            say_error("mastobak: warning: nothing proves that set '{}' was made by this host: {}\n",
                      set, source.foreign());
        if (manifest.media.elsewhere) return;
        bool has_account = true;
        const auto meant = restore::media_meant_by(request_.name, [&](const std::string& name) {
            auto paths = paths_of_account(place, manifest, name);
            has_account = !paths.empty();
            return paths;
        });
        if (!has_account) return;
        // A name that stands for nothing else is a part of a path.
        const bool is_part = meant.size() == 1 && meant.front() == request_.name;
        const restore::Selection selection(is_part ? std::vector<std::string>() : meant);
        auto wanted = [=, part = request_.name](std::string_view path) {
            return is_part ? path.find(part) != path.npos : selection.has(path);
        };
        sets_.push_back({set, source.index(manifest, selection, stop_).file, std::move(wanted)});
    }

    /// Returns the paths of an account in a set; empty when the set does not have the account.
    std::vector<std::string> paths_of_account(const std::string& place,
                                              const store::Manifest& manifest,
                                              const std::string& name) {
        // The fetched dump is removed at the end of this function: only one has to fit.
        const auto source = source_of(place, "dump");
        const auto dump = restore::fetch_dump(*source, manifest, stop_);
        try {
            return restore::media_of_account(
                dump, std::atoi(manifest.database.pg_dump_version.c_str()), name, stop_);
        } catch (const Error& error) {
            if (error.code() != Errc::usage) throw;
            return {};
        }
    }

    std::unique_ptr<restore::SetSource> source_of(const std::string& place,
                                                  const std::string& scratch) {
        return restore::find_source(config_, place, scratch_.path() / scratch, given_key(options_));
    }

    const Options& options_;
    const FindRequest& request_;
    const std::stop_token stop_;
    const config::Config config_;
    const ScratchDirectory scratch_;
    std::vector<std::unique_ptr<restore::SetSource>> sources_;  ///< keep the fetched indexes
    std::set<std::string> seen_;
    std::vector<restore::SearchedSet> sets_;  ///< oldest first
    std::optional<Error> problem_;
};

Json json_of(const restore::FoundMedia& found, const std::vector<restore::SearchedSet>& sets) {
    auto names = Json::array();
    for (const auto set : found.sets) names.push_back(sets[set].name);
    Json object{{"path", found.entry.path},
                {"type", std::string(1, static_cast<char>(found.entry.type))},
                {"size", found.entry.size},
                {"sets", std::move(names)}};
    if (found.entry.sha256) object["sha256"] = to_hex(*found.entry.sha256);
    return object;
}

/// A line of the output.
constexpr char row_format[] = "{:<16}  {:<16}  {:>5}  {:>10}  {}\n";

int command_find(const Options& options, const FindRequest& request) {
    const StopOnSignal signals;
    const AllSets all(options, request, signals.token());
    const auto& sets = all.sets();
    std::uint64_t lines = 0;
    std::set<std::size_t> having;
    restore::find_in_sets(
        sets,
        [&](const restore::FoundMedia& found) {
            having.insert(found.sets.begin(), found.sets.end());
            const bool is_first = lines++ == 0;
            // One object on each line, because an array of ten million would not fit in memory.
            if (options.json) return say_json(json_of(found, sets), -1);
            if (is_first) say(row_format, "OLDEST SET", "NEWEST SET", "SETS", "SIZE", "PATH");
            say(row_format, sets[found.sets.front()].name, sets[found.sets.back()].name,
                found.sets.size(), to_string(Bytes{found.entry.size}), found.entry.path);
        },
        signals.token());
    if (lines > 0 && !options.json)
        say("in {} of {}\n", having.size(), counted(sets.size(), "set"));
    // Without a part of the sets, the answer is not complete.
    if (all.problem()) throw Error(*all.problem());
    if (sets.empty())
        throw Error(Errc::usage, "there is no backup set to look into", "make one: mastobak run");
    if (lines == 0)
        throw Error(
            Errc::usage,
            fmt::format("none of {} has '{}'", counted(sets.size(), "set"), readable(request.name)),
            "mastobak browse lists the files of a set");
    return 0;
}

const Subcommand find_in_sets_command(124, "find", "show which sets have a file, and since when",
                                      add_find_options, command_find,
                                      {.example = "mastobak find @alice"});

}  // namespace
}  // namespace mastobak::daemon
