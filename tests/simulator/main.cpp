// replmond-simulator: a stand-in for the cloud's list and create APIs, driven by a scenario file. See
// README.md.
#include "tests/simulator/cloud.hpp"
#include "tests/simulator/scenario.hpp"
#include "tests/support/scripted_server.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>

namespace asio = boost::asio;
using namespace replmond;

namespace {

struct arguments {
    std::string listen_address = "127.0.0.1:18080";
    std::string scenario;
    double speed = 1;
    bool log = false;
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

void run(const arguments& args) {
    simulator::cloud all(simulator::load_scenario(args.scenario));
    const auto options = parse_address(args.listen_address);
    const auto begin = std::chrono::steady_clock::now();
    asio::io_context context(1);

    // Real time enters here and nowhere else.
    const auto answer = [&](const testing::request& request) {
        const std::chrono::duration<double, std::milli> real = std::chrono::steady_clock::now() - begin;
        const simulator::virtual_time elapsed{
            static_cast<simulator::virtual_time::rep>(real.count() * args.speed)};
        auto script = simulator::handle(
            all, request, elapsed,
            std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()));
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

    // The first signal stops; run() then comes back by itself.
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& ec, int) {
        if (!ec)
            server->stop();
    });

    const bool v6 = options.address.find(':') != std::string::npos;
    print_line(fmt::format("listening on http://{}{}{}:{}", v6 ? "[" : "", options.address, v6 ? "]" : "",
                           server->port()));
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
    app.add_option("--speed", args.speed, "virtual seconds per real second")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();
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
