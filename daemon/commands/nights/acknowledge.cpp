// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "backup/run.hpp"
#include "core/clock.hpp"
#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/privileges.hpp"
#include "daemon/records/acknowledged.hpp"
#include "daemon/records/health.hpp"
#include "daemon/records/history.hpp"
#include "daemon/records/json.hpp"
#include "reconcile/known_missing.hpp"
#include "store/staging.hpp"

namespace mastobak::daemon {
namespace fs = std::filesystem;

namespace {

struct AcknowledgeRequest {
    std::vector<std::size_t> numbers{};  ///< line numbers of the list; empty: all
    bool list = false;                   ///< only print the list
    bool undo = false;
};

constexpr Bytes largest_list{std::uint64_t{256} << 20};

struct Row {
    std::string text;
    bool known = false;
    bool now = false;  ///< it concerns the last set, or the current configuration
    std::optional<Timestamp> at{};
};

class Acknowledgement {
 public:
    explicit Acknowledgement(const config::Config& config)
        : config_(config),
          last_(last_success(config)),
          acknowledged_(read_acknowledged(config.state_directory)) {
        for (const auto& warning : last_.warnings)
            rows_.push_back(
                {warning, acknowledged_.has(warning, last_.set.value_or("")), true, {}});
        if (config.offsite.empty())
            rows_.push_back({no_remote, acknowledged_.has(no_remote, {}), true, {}});
        for (const auto& known : acknowledged_.warnings) {
            const auto same = std::ranges::find(rows_, known.text, &Row::text);
            if (same == rows_.end())
                rows_.push_back({known.text, true, false, known.at});
            else
                same->at = known.at;
        }
    }

    /// \return how many were not acknowledged before
    std::size_t acknowledge(const std::vector<std::size_t>& numbers, Timestamp now) {
        std::size_t news = 0;
        for (auto* row : chosen(numbers)) {
            if (row->known) continue;
            // The list of this set replaces the old one: a file that came back meanwhile and
            // disappears again then causes a warning.
            if (is_of_missing_files(row->text)) copy_list();
            acknowledged_.warnings.push_back({row->text, now, last_.set.value_or("")});
            row->known = true;
            row->at = now;
            ++news;
        }
        write_acknowledged(config_.state_directory, acknowledged_);
        return news;
    }

    /// \return how many were acknowledged before
    std::size_t undo(const std::vector<std::size_t>& numbers) {
        std::size_t known = 0;
        for (auto* row : chosen(numbers)) {
            if (!row->known) continue;
            std::erase_if(acknowledged_.warnings, [&](const auto& one) {
                return one.text == row->text || Acknowledged{{one}}.has(row->text, {});
            });
            if (is_of_missing_files(row->text)) forget_list();
            row->known = false;
            ++known;
        }
        if (numbers.empty()) forget_list();
        write_acknowledged(config_.state_directory, acknowledged_);
        return known;
    }

    void print(bool json) const {
        if (json) return print_json();
        if (rows_.empty())
            say("{}\n", last_.set
                            ? "set " + *last_.set + " has no warnings, and none is acknowledged"
                            : std::string("there is nothing to acknowledge yet"));
        for (std::size_t i = 0; i < rows_.size(); ++i)
            say("{:>3}  {:<13} {}{}\n", i + 1, rows_[i].known ? "acknowledged" : "reported",
                rows_[i].text, rows_[i].now ? "" : " (not in the last set)");
        if (last_.acknowledged_files > 0)
            say("{} that set {} lacks {} acknowledged\n", counted(last_.acknowledged_files, "file"),
                last_.set.value_or("?"), last_.acknowledged_files == 1 ? "is" : "are");
    }

 private:
    static RunRecord last_success(const config::Config& config) {
        return read_history(config.state_directory, SystemClock().now())
            .last_success.value_or(RunRecord{});
    }

    std::vector<Row*> chosen(const std::vector<std::size_t>& numbers) {
        std::vector<Row*> rows;
        for (const auto number : numbers) {
            if (number < 1 || number > rows_.size())
                throw Error(Errc::usage, fmt::format("there is no warning {}", number),
                            "mastobak acknowledge --list shows the numbers");
            rows.push_back(&rows_[number - 1]);
        }
        if (numbers.empty())
            for (auto& row : rows_) rows.push_back(&row);
        return rows;
    }

    void copy_list() const {
        const store::Staging staging(config_.staging.path);
        const auto name =
            fmt::format("sets/{}/{}", last_.set.value(), reconcile::missing_list_name);
        write_file(backup::acknowledged_media(config_),
                   read_beneath(staging.root(), name, Errc::staging, largest_list));
    }
    void forget_list() const {
        std::error_code ignored;
        fs::remove(backup::acknowledged_media(config_), ignored);
    }

    void print_json() const {
        auto warnings = Json::array();
        for (const auto& row : rows_)
            warnings.push_back({{"text", row.text},
                                {"acknowledged", row.known},
                                {"of_last_set", row.now},
                                {"at", to_json_time(row.at)}});
        say_json({{"set", last_.set ? Json(*last_.set) : Json(nullptr)},
                  {"acknowledged_files", last_.acknowledged_files},
                  {"warnings", warnings}});
    }

    const config::Config& config_;
    const RunRecord last_;
    Acknowledged acknowledged_;
    std::vector<Row> rows_;
};

void add_acknowledge_options(CLI::App& app, Options&, AcknowledgeRequest& request) {
    app.add_option("NUMBER", request.numbers,
                   "numbers of warnings, as --list shows them; without a number: all of them");
    auto* list = app.add_flag("--list", request.list,
                              "list the warnings with their numbers, and change nothing");
    app.add_flag("--undo", request.undo,
                 "end the suppression: later runs report these warnings again")
        ->excludes(list);
}

int command_acknowledge(const Options& options, const AcknowledgeRequest& request) {
    if (request.list && !request.numbers.empty())
        throw Error(Errc::usage, "--list shows all warnings: a number would be ignored",
                    "leave one of them out");
    const auto config = load_config(options);
    become_owner_of(config.state_directory);
    Acknowledgement acknowledgement(config);
    if (request.list) {
        acknowledgement.print(options.json);
        return 0;
    }
    const auto count = request.undo
                           ? acknowledgement.undo(request.numbers)
                           : acknowledgement.acknowledge(request.numbers, SystemClock().now());
    if (options.json)
        acknowledgement.print(true);
    else if (request.undo)
        say("{} reported again\n", counted(count, "warning is", "warnings are"));
    else
        say("{} acknowledged: later runs report only new warnings, and those whose number has "
            "grown; mastobak acknowledge --undo ends this\n",
            counted(count, "warning is", "warnings are"));
    return 0;
}

const Subcommand acknowledge_command(
    110, "acknowledge", "suppress the warnings of the last good run in later runs",
    add_acknowledge_options, command_acknowledge,
    {.json = true, .example = "mastobak acknowledge --list; mastobak acknowledge 1"});

}  // namespace
}  // namespace mastobak::daemon
