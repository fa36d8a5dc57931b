// replmond-simulator: a stand-in for the cloud's list and create APIs and for the databases behind them,
// driven by a scenario file. See README.md.
#include "tests/simulator/cloud.hpp"
#include "tests/simulator/likeness.hpp"
#include "tests/simulator/mysql_session.hpp"
#include "tests/simulator/scenario.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/stream_server.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>

namespace asio = boost::asio;
using namespace replmond;

namespace {

struct arguments {
    std::string listen_address = "127.0.0.1:18080";
    std::string scenario;
    std::string like;
    double speed = 1;
    std::optional<std::uint16_t> mysql_port;
    bool log = false;
};

// Real time enters here and nowhere else.
class clocks {
public:
    explicit clocks(double speed) : speed_(speed) {}

    simulator::virtual_time elapsed() const {
        const std::chrono::duration<double, std::milli> real = std::chrono::steady_clock::now() - begin_;
        return simulator::virtual_time{static_cast<simulator::virtual_time::rep>(real.count() * speed_)};
    }

    static simulator::wall_time real() {
        return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    }

    simulator::instant now(const simulator::cloud& all) const {
        const auto wall = real();
        return {elapsed() + all.advanced, wall, wall + all.clock_offset};
    }

private:
    double speed_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

// A session of the pure part, with the time of day.
class clocked_session : public testing::stream_session {
public:
    clocked_session(simulator::cloud& all, const clocks& time, simulator::mysql_server server,
                    std::string peer)
        : all_(all), time_(time), session_(all, std::move(server), std::move(peer)) {}

    testing::stream_reply begin() override { return session_.begin(time_.now(all_)); }
    testing::stream_reply receive(std::string_view bytes) override {
        return session_.receive(bytes, time_.now(all_));
    }

private:
    simulator::cloud& all_;
    const clocks& time_;
    simulator::mysql_session session_;
};

// `HOST:PORT`, an IPv6 host in brackets.
testing::server_options parse_address(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    auto host = text.substr(0, colon == std::string_view::npos ? 0 : colon);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    const auto port = text.substr(colon == std::string_view::npos ? text.size() : colon + 1);

    testing::server_options options;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), options.port);
    if (host.empty() || error != std::errc{} || end != port.data() + port.size())
        throw std::runtime_error(fmt::format("--listen-address must be HOST:PORT, not '{}'", text));
    options.address = host;
    return options;
}

void print_line(const std::string& line) {
    fmt::print("{}\n", line);
    std::fflush(stdout); // whoever waits for the port reads a pipe
}

// The database servers: the address that a client connects to tells which one it wants.
void listen_mysql(std::optional<testing::stream_server>& server, asio::io_context& context,
                  simulator::cloud& all, const clocks& time, std::uint16_t port) {
    if (!all.mysql.spec)
        throw std::runtime_error("--mysql-port needs a scenario with 'mysql'");
    auto find_session = [&all, &time](const std::string& local, const std::string& peer) {
        auto found = simulator::find_mysql_server(all, local);
        return found ? std::make_unique<clocked_session>(all, time, std::move(*found), peer) : nullptr;
    };
    try {
        server.emplace(context, std::move(find_session), "0.0.0.0", port);
    } catch (const boost::system::system_error& e) {
        throw std::runtime_error(fmt::format("cannot listen on port {}: {}", port, e.code().message()));
    }
    all.mysql.port = server->port();
    simulator::observe_tasks(all, time.now(all));
}

void run(const arguments& args) {
    auto described = simulator::load_scenario(args.scenario);
    simulator::error_forms errors;
    if (!args.like.empty()) {
        auto like = simulator::load_likeness(args.like);
        simulator::make_alike(described, like);
        errors = std::move(like.errors);
    }
    simulator::cloud all(std::move(described));
    all.errors = std::move(errors);
    const auto options = parse_address(args.listen_address);
    const clocks time(args.speed);
    asio::io_context context(1);

    const auto answer = [&](const testing::request& request) {
        const auto elapsed = time.elapsed();
        auto script = simulator::handle(all, request, elapsed, clocks::real());
        if (args.log)
            print_line(fmt::format("{:.1f} {} {} {}",
                                   std::chrono::duration<double>(elapsed + all.advanced).count(),
                                   request.method, request.target, simulator::outcome_of(script)));
        return script;
    };
    std::optional<testing::scripted_server> server;
    try {
        server.emplace(context, answer, options);
    } catch (const boost::system::system_error& e) {
        throw std::runtime_error(
            fmt::format("cannot listen on {}: {}", args.listen_address, e.code().message()));
    }

    std::optional<testing::stream_server> mysql;
    if (args.mysql_port)
        listen_mysql(mysql, context, all, time, *args.mysql_port);

    // The first signal stops; run() then comes back by itself.
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& ec, int) {
        if (ec)
            return;
        server->stop();
        if (mysql)
            mysql->stop();
    });

    const bool v6 = options.address.find(':') != std::string::npos;
    print_line(fmt::format("listening on http://{}{}{}:{}", v6 ? "[" : "", options.address, v6 ? "]" : "",
                           server->port()));
    if (mysql)
        print_line(fmt::format("listening on mysql://0.0.0.0:{}", mysql->port()));
    context.run();
}

} // namespace

int main(int argc, char** argv) {
    arguments args;
    CLI::App app("A stand-in for the cloud's synchronization API, for tests and demonstrations.",
                 "replmond-simulator");
    app.add_option("--listen-address", args.listen_address,
                   "HOST:PORT; port 0 takes a free one, which is printed")
        ->capture_default_str();
    app.add_option("--scenario", args.scenario, "the YAML file that describes instances and tasks")
        ->required();
    app.add_option("--like", args.like,
                   "a report of 'replmond doctor --report': lists and errors have the form of the cloud that "
                   "it describes");
    app.add_option("--speed", args.speed, "virtual seconds per real second")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();
    app.add_option("--mysql-port", args.mysql_port,
                   "serve the databases of the scenario on this port; 0 takes a free one, which is printed");
    app.add_flag("--log", args.log, "print one line a request");
    CLI11_PARSE(app, argc, argv);

    try {
        run(args);
        return 0;
    } catch (const std::exception& e) {
        fmt::print(stderr, "replmond-simulator: {}\n", e.what());
        return 1;
    }
}
