// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/connection.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include "core/process/privilege.hpp"
#include "postgres/failures.hpp"
#include "postgres/names.hpp"

namespace mastobak::postgres {
namespace {

using Steady = std::chrono::steady_clock;
/// How often a waiting function checks for a cancellation.
constexpr std::chrono::milliseconds look_interval{50};
constexpr std::chrono::seconds patience_after_cancel{2};
constexpr auto no_idle_limit = " -c idle_session_timeout=0";

using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

void ignore_notice(void*, const PGresult*) {}

/// Waits until the socket is ready. Returns false after `until`.
bool wait_for(int socket, short events, Steady::time_point until) {
    for (;;) {
        pollfd fd{socket, events, 0};
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Steady::now());
        if (left.count() <= 0) return false;
        const int n = ::poll(&fd, 1, static_cast<int>(left.count()));
        if (n > 0) return true;
        if (n < 0 && errno != EINTR) return false;
    }
}

/// Returns the name of a statement in messages: the beginning of its first line.
std::string name_of(const std::string& sql) {
    constexpr std::size_t shown = 60;
    auto name = sql.substr(0, std::min(sql.find('\n'), shown));
    if (name.size() < sql.size()) name += "…";
    return fmt::format("run '{}'", name);
}

}  // namespace

struct Connection::Impl {
    std::unique_ptr<PGconn, decltype(&PQfinish)> connection{nullptr, PQfinish};
    std::shared_ptr<PGcancel> canceller;
    std::stop_token stop;
    std::atomic<bool> cancelled = false;
    int backend_pid = 0;

    void open(const Settings& settings, const std::string& options);
    void connect(const Settings& settings, Pooler pooler);
    void refuse_pooler(const Settings& settings);
    Result execute(const std::string& sql, const std::vector<std::string>& parameters);
    /// Returns the connection, for a statement. Throws when it is lost or cancelled.
    PGconn* usable(const std::string& sql) const;
    /// \param result may be null, which is a failure
    std::optional<Refusal> refusal_of(const std::string& sql, const PGresult* result) const;
    /// Throws when the result is a failure.
    void require_success(const std::string& sql, const PGresult* result) const;
    void wait_for_result();
    void wait_while(const std::function<bool()>& there_is_nothing);
    void send_cancel() const;
    bool is_cancelled() const { return cancelled || stop.stop_requested(); }
    bool ok() const { return connection && PQstatus(connection.get()) == CONNECTION_OK; }
};

void Connection::Impl::open(const Settings& settings, const std::string& options) {
    auto parameters = settings.complete();
    parameters["application_name"] = "mastobak";
    parameters["client_encoding"] = "UTF8";
    parameters["options"] = options;
    std::vector<const char*> names, values;
    for (const auto& [name, value] : parameters) {
        if (value.empty()) continue;
        names.push_back(name.c_str());
        values.push_back(value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);

    // The last argument 0 keeps libpq from parsing a database name as a connection string.
    // PQconnectdb() would not do: the verbosity, which adds the SQLSTATE to the message, has to be
    // set before the server can refuse the connection.
    connection.reset(PQconnectStartParams(names.data(), values.data(), 0));
    if (!connection) throw Error(Errc::internal, "connect to PostgreSQL: no memory");
    auto* raw = connection.get();
    PQsetErrorVerbosity(raw, PQERRORS_VERBOSE);
    PQsetNoticeReceiver(raw, ignore_notice, nullptr);
    const auto until = Steady::now() + settings.connect_timeout;
    auto next = PGRES_POLLING_WRITING;
    while (PQstatus(raw) != CONNECTION_BAD && next != PGRES_POLLING_OK) {
        if (next == PGRES_POLLING_FAILED) break;
        const short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (stop.stop_requested())
            throw Error(Errc::cancelled, "the connection to PostgreSQL was cancelled");
        if (Steady::now() >= until) throw connect_error(settings, "timeout: no answer in time");
        if (!wait_for(PQsocket(raw), events, Steady::now() + look_interval)) continue;
        next = PQconnectPoll(raw);
    }
    if (!ok()) throw connect_error(settings, PQerrorMessage(raw));
    PQsetErrorVerbosity(raw, PQERRORS_DEFAULT);
    canceller = {PQgetCancel(raw), PQfreeCancel};
}

void Connection::Impl::connect(const Settings& settings, Pooler pooler) {
    const auto work = [&] {
        const auto options = settings.session_options();
        try {
            try {
                // As an option at login: a SET may come too late for a limit of milliseconds.
                open(settings, options + no_idle_limit);
            } catch (const Error& error) {
                // PostgreSQL 13 does not know idle_session_timeout.
                if (error.text().find("\"idle_session_timeout\"") == std::string::npos) throw;
                open(settings, options);
            }
        } catch (const Error& error) {
            // A pooler refuses options. So connect without them, and detect the pooler by its
            // answers.
            if (error.text().find("unsupported startup parameter") == std::string::npos) throw;
            open(settings, "");
            if (pooler == Pooler::allowed) return;
            refuse_pooler(settings);
            throw;
        }
    };
    run_as_user(settings.system_user, work);
}

void Connection::Impl::send_cancel() const {
    // PQcancel() waits for the server without a limit, so it runs in a detached thread.
    try {
        std::thread([canceller = canceller] {
            std::array<char, 256> ignored{};
            PQcancel(canceller.get(), ignored.data(), ignored.size());
        }).detach();
    } catch (const std::system_error&) {
        // There are too many threads now. The request is repeated every second.
    }
}

/// Returns when the result has arrived, or the connection is lost.
void Connection::Impl::wait_for_result() {
    wait_while([this] { return PQisBusy(connection.get()) == 1; });
}

/// Throws Error{cancelled} when the server does not react to a cancel request.
void Connection::Impl::wait_while(const std::function<bool()>& there_is_nothing) {
    auto* raw = connection.get();
    std::optional<Steady::time_point> cancelled_at;
    auto next_cancel = Steady::time_point::min();
    while (there_is_nothing()) {
        const auto now = Steady::now();
        if (is_cancelled()) {
            if (!cancelled_at) cancelled_at = now;
            if (now - *cancelled_at > patience_after_cancel) {
                connection.reset();
                throw Error(Errc::cancelled,
                            "the server does not answer, not even to a cancel request");
            }
            // A cancel request that arrives before the statement has no effect, so it is repeated.
            if (now >= next_cancel) {
                send_cancel();
                next_cancel = now + std::chrono::seconds(1);
            }
        }
        if (!wait_for(PQsocket(raw), POLLIN, now + look_interval)) continue;
        if (PQconsumeInput(raw) == 0) return;
    }
}

void Connection::Impl::refuse_pooler(const Settings& settings) {
    const auto result =
        execute("SELECT pg_catalog.pg_backend_pid(), pg_catalog.current_setting('port')", {});
    backend_pid = std::stoi(PQgetvalue(result.get(), 0, 0));
    // A pooler makes up the process id that it sends to a client at login, as it does not know yet
    // which server connection the client will use.
    if (backend_pid != PQbackendPID(connection.get()))
        throw pooler_error(settings, PQgetvalue(result.get(), 0, 1));
}

PGconn* Connection::Impl::usable(const std::string& sql) const {
    // Otherwise each following statement could finish before its cancel request, which uses a
    // connection of its own, arrives at the server.
    if (is_cancelled()) throw Error(Errc::cancelled, name_of(sql) + " was cancelled");
    if (!connection) throw Error(Errc::database, name_of(sql) + ": the connection is lost");
    return connection.get();
}

Result Connection::Impl::execute(const std::string& sql,
                                 const std::vector<std::string>& parameters) {
    auto* raw = usable(sql);
    std::vector<const char*> values;
    for (const auto& parameter : parameters) values.push_back(parameter.c_str());
    const bool sent = PQsendQueryParams(raw, sql.c_str(), static_cast<int>(values.size()), nullptr,
                                        values.data(), nullptr, nullptr, 0) == 1;
    if (sent) wait_for_result();
    Result result(nullptr, PQclear);
    while (Result next{sent ? PQgetResult(raw) : nullptr, PQclear}) result = std::move(next);

    require_success(sql, result.get());
    return result;
}

std::optional<Refusal> Connection::Impl::refusal_of(const std::string& sql,
                                                    const PGresult* result) const {
    const auto status = result ? PQresultStatus(result) : PGRES_FATAL_ERROR;
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return std::nullopt;
    const char* state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
    const char* text = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : nullptr;
    if (is_cancelled()) throw Error(Errc::cancelled, name_of(sql) + " was cancelled");
    return Refusal{state ? state : "",
                   statement_error(name_of(sql), state ? state : "",
                                   text ? text : PQerrorMessage(connection.get()))};
}

void Connection::Impl::require_success(const std::string& sql, const PGresult* result) const {
    if (const auto refusal = refusal_of(sql, result)) throw refusal->error;
}

Connection::Connection(const Settings& settings, std::stop_token stop, Pooler pooler)
    : impl_(std::make_unique<Impl>()) {
    impl_->stop = std::move(stop);
    impl_->connect(settings, pooler);
    if (pooler == Pooler::refused) impl_->refuse_pooler(settings);
    if (pooler == Pooler::allowed) return;  // a pooler's session is shared: do not change it
    // The server would refuse to send a text that is not valid UTF-8.
    const char* encoding = PQparameterStatus(impl_->connection.get(), "server_encoding");
    if (encoding && std::string_view(encoding) == "SQL_ASCII")
        query("SET client_encoding = 'SQL_ASCII'");
    // Not one of the options at login, as servers before 17 do not know it and would refuse it.
    if (server_major() >= 17) query("SET transaction_timeout = 0");
}

Connection::~Connection() = default;

ConnectionAs::ConnectionAs(const Settings& settings, const std::string& role, std::stop_token stop)
    : Connection(settings, std::move(stop)) {
    if (!role.empty()) query("SET ROLE " + sql_name(role));
}

std::vector<Row> Connection::query(const std::string& sql,
                                   const std::vector<std::string>& parameters) {
    const auto result = impl_->execute(sql, parameters);
    std::vector<Row> rows(static_cast<std::size_t>(PQntuples(result.get())));
    for (int r = 0; r < PQntuples(result.get()); ++r)
        for (int c = 0; c < PQnfields(result.get()); ++c) {
            auto& row = rows[static_cast<std::size_t>(r)];
            if (PQgetisnull(result.get(), r, c) != 0)
                row.emplace_back();
            else
                row.emplace_back(std::in_place, PQgetvalue(result.get(), r, c),
                                 static_cast<std::size_t>(PQgetlength(result.get(), r, c)));
        }
    return rows;
}

std::optional<Refusal> Connection::attempt(const std::string& sql) {
    auto* raw = impl_->usable(sql);
    if (PQsendQuery(raw, sql.c_str()) == 0) return impl_->refusal_of(sql, nullptr);
    std::optional<Refusal> refusal;
    for (;;) {
        impl_->wait_for_result();
        const Result result(PQgetResult(raw), PQclear);
        if (!result) return refusal;
        const auto status = PQresultStatus(result.get());
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
            impl_->connection.reset();  // waiting for the end of it could last for ever
            return Refusal{"", Error(Errc::database, name_of(sql) + " copies rows")};
        }
        if (!refusal && status != PGRES_EMPTY_QUERY) refusal = impl_->refusal_of(sql, result.get());
    }
}

std::int64_t Connection::copy_out(const std::string& sql,
                                  const std::function<void(std::string_view)>& on_row) {
    auto* raw = impl_->usable(sql);
    if (PQsendQuery(raw, sql.c_str()) == 1) impl_->wait_for_result();
    std::int64_t rows = 0;
    Result result(PQgetResult(raw), PQclear);
    while (result && PQresultStatus(result.get()) == PGRES_COPY_OUT) {
        char* text = nullptr;
        int size = 0;
        impl_->wait_while([&] { return (size = PQgetCopyData(raw, &text, 1)) == 0; });
        const std::unique_ptr<char, decltype(&PQfreemem)> owner(text, PQfreemem);
        if (size > 0) {
            ++rows;
            if (on_row) on_row({text, static_cast<std::size_t>(size)});
        } else {  // the end of the rows, or the connection is lost
            result.reset(PQgetResult(raw));
        }
    }
    impl_->require_success(sql, result.get());
    while (Result next{PQgetResult(raw), PQclear}) result = std::move(next);
    return rows;
}

std::string Connection::value(const std::string& sql, const std::vector<std::string>& parameters) {
    auto rows = query(sql, parameters);
    if (rows.empty() || rows[0].empty() || !rows[0][0])
        throw Error(Errc::database, name_of(sql) + ": there is no value");
    return std::move(*rows[0][0]);
}

std::string Connection::encrypted(const std::string& password, const std::string& role) {
    const std::unique_ptr<char, decltype(&PQfreemem)> text(
        PQencryptPasswordConn(impl_->connection.get(), password.c_str(), role.c_str(), nullptr),
        PQfreemem);
    if (text) return text.get();
    throw Error(Errc::database, fmt::format("encrypt the password of role '{}': {}", role,
                                            PQerrorMessage(impl_->connection.get())));
}

void Connection::cancel() noexcept {
    impl_->cancelled = true;
}

int Connection::server_version() const {
    return PQserverVersion(impl_->connection.get());
}

int Connection::backend_pid() const {
    return impl_->backend_pid;
}

std::string Connection::password() const {
    const auto* password = PQpass(impl_->connection.get());
    return password == nullptr ? "" : password;
}

}  // namespace mastobak::postgres
