#include "tests/simulator/mysql_session.hpp"

#include "tests/simulator/digest.hpp"
#include "tests/simulator/mysql_errors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

using replmond::testing::stream_reply;

namespace replmond::simulator {
namespace {

constexpr unsigned char com_quit = 0x01;
constexpr unsigned char com_init_db = 0x02;
constexpr unsigned char com_query = 0x03;
constexpr unsigned char com_ping = 0x0E;

struct named_command {
    unsigned char code;
    std::string_view name;
};

// Those that clients do send; all but the first four are refused.
constexpr std::array<named_command, 12> commands{{{com_quit, "quit"},
                                                  {com_init_db, "init_db"},
                                                  {com_query, "query"},
                                                  {com_ping, "ping"},
                                                  {0x04, "COM_FIELD_LIST"},
                                                  {0x09, "COM_STATISTICS"},
                                                  {0x11, "COM_CHANGE_USER"},
                                                  {0x16, "COM_STMT_PREPARE"},
                                                  {0x17, "COM_STMT_EXECUTE"},
                                                  {0x19, "COM_STMT_CLOSE"},
                                                  {0x1B, "COM_SET_OPTION"},
                                                  {0x1F, "COM_RESET_CONNECTION"}}};

std::string name_of_command(unsigned char code) {
    for (const auto& known : commands) {
        if (known.code == code)
            return std::string(known.name);
    }
    return fmt::format("{:#04x}", code);
}

constexpr std::size_t big_text_size = 1'000'000;

} // namespace

mysql_session::mysql_session(cloud& all, mysql_server server, std::string peer)
    : all_(all), server_(std::move(server)), greeting_(greeting_of(server_.kind)), peer_(std::move(peer)) {
    all_.mysql.connected(server_.address);
    number_ = all_.mysql.accepted;
    make_salt();
}

mysql_session::~mysql_session() {
    all_.mysql.disconnected(server_.address);
}

// 20 bytes without zeros, other ones each time.
void mysql_session::make_salt() {
    salt_ = hex(sha256(fmt::format("{} {}", number_, ++salts_))).substr(0, 20);
}

stream_reply mysql_session::begin(const instant& at) {
    const auto fault = take_fault(mysql_phase::greeting);
    std::string greeting = framed(greeting_packet(greeting_, number_, salt_), sequence_);
    if (fault) {
        log("greeting", "", fault->name, at);
        sequence_ = 0;
    }
    std::string bytes = spoilt(fault, std::move(greeting));
    return {std::move(bytes), state_ == state::over};
}

stream_reply mysql_session::receive(std::string_view bytes, const instant& at) {
    std::string answers;
    if (state_ != state::hanging && state_ != state::over)
        input_.append(bytes);
    while (state_ != state::hanging && state_ != state::over) {
        const auto packet = input_.next();
        if (!packet)
            break;
        answers += take(*packet, at);
    }
    return {std::move(answers), state_ == state::over || input_.too_large()};
}

std::string mysql_session::take(const mysql_packet& packet, const instant& at) {
    const bool in_order = packet.sequence == (state_ == state::ready ? 0 : sequence_);
    sequence_ = static_cast<std::uint8_t>(packet.sequence + 1);
    if (!in_order) {
        state_ = state::over;
        log("packet", "", packets_out_of_order(), at);
        return framed_error(packets_out_of_order());
    }
    if (state_ == state::login)
        return log_in(packet.payload, at);
    if (state_ == state::auth_switch)
        return check_password(packet.payload, at);
    return obey(packet.payload, at);
}

std::string mysql_session::log_in(const std::string& payload, const instant& at) {
    const auto login = read_login(payload, greeting_);
    if (!login || login->wants_tls)
        return refuse_login(bad_handshake(), at);
    login_ = *login;
    login_fault_ = take_fault(mysql_phase::login);
    if (login_fault_ && stops_statement(*login_fault_)) {
        log("login", login_.plugin, login_fault_->name, at);
        return instead_of_answer(*login_fault_);
    }
    if (!login_.plugin.empty() && login_.plugin != native_plugin)
        return ask_for_native_password(at);
    return check_password(login_.response, at);
}

std::string mysql_session::ask_for_native_password(const instant& at) {
    log("login", login_.plugin, "auth_switch", at);
    state_ = state::auth_switch;
    make_salt();
    login_.plugin = native_plugin;
    return framed(auth_switch_packet(salt_), sequence_);
}

std::string mysql_session::check_password(const std::string& response, const instant& at) {
    const std::string password = all_.mysql.password_of(server_.id);
    if (login_.user != all_.mysql.spec->user || response != native_response(password, salt_))
        return refuse_login(access_denied(server_.kind, login_.user, peer_, !response.empty()), at);
    if (!login_.database.empty() && !has_database(all_, server_, login_.database))
        return refuse_login(unknown_chosen_database(server_.kind, login_.database), at);
    state_ = state::ready;
    ++traffic().logins;
    log("login", login_.plugin, login_fault_ ? login_fault_->name : "ok", at);
    return spoilt(login_fault_, framed_ok());
}

std::string mysql_session::refuse_login(const mysql_error& error, const instant& at) {
    state_ = state::over;
    ++traffic().refused_logins;
    log("login", login_.plugin, error, at);
    return framed_error(error);
}

std::string mysql_session::obey(const std::string& payload, const instant& at) {
    const auto code = static_cast<unsigned char>(payload.empty() ? '\0' : payload.front());
    const std::string rest = payload.empty() ? "" : payload.substr(1);
    if (code == com_query)
        return query(rest, at);
    if (code == com_quit) {
        state_ = state::over;
        log("quit", "", "ok", at);
        return {};
    }
    const auto fault = take_fault(mysql_phase::query);
    if (fault && stops_statement(*fault)) {
        log(name_of_command(code), rest, fault->name, at);
        return instead_of_answer(*fault);
    }
    return spoilt(fault, answer_command(code, rest, at));
}

std::string mysql_session::answer_command(unsigned char code, const std::string& argument,
                                          const instant& at) {
    const std::string name = name_of_command(code);
    std::optional<mysql_error> error;
    if (code == com_init_db && !has_database(all_, server_, argument))
        error = unknown_chosen_database(server_.kind, argument);
    else if (code != com_init_db && code != com_ping)
        error = unsupported_command(server_.kind, name);
    if (!error) {
        log(name, argument, "ok", at);
        return framed_ok();
    }
    log(name, argument, *error, at);
    return framed_error(*error);
}

std::string mysql_session::query(const std::string& text, const instant& at) {
    ++traffic().queries;
    const auto statement = parse_statement(text, server_.kind == mysql_kind::taurusdb);
    const auto fault = take_fault(mysql_phase::query, tasks_of(all_, server_, statement));
    if (fault && stops_statement(*fault)) {
        log("query", text, fault->name, at);
        return instead_of_answer(*fault);
    }

    auto answer = answer_statement(all_, server_, statement, text, at);
    auto* result = std::get_if<mysql_result>(&answer);
    if (fault && fault->kind == mysql_fault_kind::big_text && result) {
        result->value = std::string(big_text_size, 'x');
        result->type = column_type::var_string;
    }
    if (const auto* error = std::get_if<mysql_error>(&answer); error && !fault)
        log("query", text, *error, at);
    else
        log("query", text, fault ? fault->name : "ok", at, result ? result->value : std::nullopt);
    return spoilt(fault, encoded(answer));
}

std::optional<mysql_fault> mysql_session::take_fault(mysql_phase phase,
                                                     const std::vector<std::string>& tasks) {
    const auto named = std::find_if(tasks.begin(), tasks.end(), [&](const std::string& task) {
        const auto* known = all_.mysql.find_settings(server_.id, task);
        return known && known->fault && known->fault->phase == phase;
    });
    return all_.mysql.take_fault(server_.id, named == tasks.end() ? "" : *named, phase);
}

std::string mysql_session::instead_of_answer(const mysql_fault& fault) {
    if (fault.kind == mysql_fault_kind::hang) {
        state_ = state::hanging;
        return {};
    }
    if (fault.kind == mysql_fault_kind::error) {
        if (fault.phase != mysql_phase::query)
            state_ = state::over;
        return framed_error(fault.error);
    }
    state_ = state::over;
    if (fault.kind == mysql_fault_kind::garbage)
        return garbage_bytes();
    return fault.kind == mysql_fault_kind::not_mysql ? http_answer() : "";
}

std::string mysql_session::spoilt(const std::optional<mysql_fault>& fault, std::string answer) {
    if (!fault || fault->kind == mysql_fault_kind::big_text)
        return answer;
    if (fault->kind != mysql_fault_kind::half_packet)
        return instead_of_answer(*fault);
    state_ = state::over;
    answer.resize(answer.size() / 2);
    return answer;
}

std::string mysql_session::encoded(const mysql_answer& answer) {
    if (const auto* error = std::get_if<mysql_error>(&answer))
        return framed_error(*error);
    if (const auto* done = std::get_if<mysql_done>(&answer))
        return framed_ok(done->rows);
    return result_set(std::get<mysql_result>(answer), greeting_, login_.capabilities, sequence_);
}

std::string mysql_session::framed_error(const mysql_error& error) {
    return framed(error_packet(error), sequence_);
}

std::string mysql_session::framed_ok(std::uint64_t rows) {
    return framed(ok_packet(greeting_, rows), sequence_);
}

void mysql_session::log(const std::string& command, const std::string& statement, const std::string& outcome,
                        const instant& at, std::optional<std::string> value) {
    all_.mysql.queries.add({at.now, at.real, server_.address, number_, login_.user, command, statement,
                            outcome, std::move(value)});
}

void mysql_session::log(const std::string& command, const std::string& statement, const mysql_error& error,
                        const instant& at) {
    log(command, statement, std::to_string(error.code), at);
}

} // namespace replmond::simulator
