// What `replmond doctor` makes of a connection and of clocks, and how it writes its report.

#include "daemon/cli/doctor_connection.hpp"
#include "daemon/cli/write_report.hpp"
#include "daemon/core/doctor/text_report.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/stat.h>
#include <thread>

namespace replmond::cli {
namespace {

using client::exchange_step;
using doctor::step;
using doctor::verdict;

constexpr timestamp now{std::chrono::seconds(1'800'000'000)};

cloud::service_route route_to(bool tls) {
    cloud::service_route route;
    route.to.tls = tls;
    route.to.host = "cloud.example";
    return route;
}

std::string lines_of(const std::vector<doctor::step_result>& steps) {
    std::string text;
    for (const doctor::step_result& each : steps)
        text += doctor::line_of(each, std::nullopt);
    return text;
}

client::probe_outcome good_connection(std::chrono::hours left) {
    client::probe_outcome seen;
    seen.addresses = {"203.0.113.7", "2001:db8::7"};
    seen.peer = "203.0.113.7:443";
    seen.tls_version = "TLSv1.3";
    seen.certificate = client::peer_certificate{"CN=Example CA", now + left};
    return seen;
}

client::probe_outcome broken_at(exchange_step at, poll_result result) {
    client::probe_outcome seen;
    seen.reached = at;
    seen.why = make_failure(result, "it broke");
    if (at != exchange_step::resolving)
        seen.addresses = {"203.0.113.7"};
    return seen;
}

TEST(doctor_connection, all_is_well) {
    EXPECT_EQ(
        lines_of(connection_steps(route_to(true), good_connection(std::chrono::hours(24 * 90)), now)),
        "  ok    names resolved    cloud.example is 203.0.113.7, 2001:db8::7\n"
        "  ok    connected         to 203.0.113.7:443, directly\n"
        "  ok    TLS               TLSv1.3; the certificate is signed by \"CN=Example CA\" and expires at "
        "2027-04-15T08:00:00.000Z, in 90 days\n");
}

TEST(doctor_connection, a_certificate_that_ends_soon_is_a_warning) {
    const auto of = [](int days) {
        const auto seen = good_connection(std::chrono::hours(24 * days));
        return connection_steps(route_to(true), seen, now).back().ended;
    };
    EXPECT_EQ(of(14), verdict::ok);
    EXPECT_EQ(of(13), verdict::warn);
}

TEST(doctor_connection, what_failed_and_what_is_skipped_then) {
    const auto at = [](exchange_step where, poll_result result) {
        std::string text;
        for (const auto& each : connection_steps(route_to(true), broken_at(where, result), now))
            text += std::string(to_string(each.ended)) + ' ';
        return text;
    };
    EXPECT_EQ(at(exchange_step::resolving, poll_result::network), "fail skip skip ");
    EXPECT_EQ(at(exchange_step::connecting, poll_result::timeout), "ok fail skip ");
    EXPECT_EQ(at(exchange_step::asking_proxy, poll_result::network), "ok fail skip ");
    EXPECT_EQ(at(exchange_step::handshake, poll_result::tls), "ok ok fail ");
}

TEST(doctor_connection, through_a_proxy_without_tls) {
    cloud::service_route route = route_to(false);
    route.client.proxy.emplace();
    route.client.proxy->at = {false, "proxy.example", 3128};
    route.client.proxy->authorization = "Basic secret";
    client::probe_outcome seen;
    seen.addresses = {"203.0.113.9"};
    EXPECT_EQ(lines_of(connection_steps(route, seen, now)),
              "  ok    names resolved    the proxy proxy.example is 203.0.113.9; it resolves cloud.example\n"
              "  ok    connected         to cloud.example:443 through the proxy proxy.example:3128 of "
              "proxy_url\n"
              "  skip  TLS               the endpoint is http\n");
}

TEST(doctor_clock, differences) {
    const config::auth_settings signing = config::aksk_auth{};
    const config::auth_settings token = config::token_auth{};
    const auto of = [&](std::chrono::seconds ahead, const config::auth_settings& auth) {
        return clock_step(ahead, auth).ended;
    };
    using std::chrono::seconds;
    EXPECT_EQ(clock_step(std::nullopt, signing).ended, verdict::skip);
    EXPECT_EQ(clock_step(seconds(2), signing).seen, "this host's clock is the cloud's, to 2 s");
    EXPECT_EQ(clock_step(seconds(-3), signing).seen, "this host's clock is 3 s behind the cloud's");
    EXPECT_EQ(of(seconds(59), signing), verdict::ok);
    EXPECT_EQ(of(seconds(60), signing), verdict::warn);
    EXPECT_EQ(of(seconds(-899), signing), verdict::warn);
    EXPECT_EQ(of(seconds(-900), signing), verdict::fail);
    EXPECT_EQ(of(seconds(900), token), verdict::warn);
}

TEST(write_report, replaces_a_file_whole_and_for_its_owner_only) {
    std::string folder = testing::TempDir() + "reportXXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    const std::string path = folder + "/report.json";
    std::ofstream(path) << "a longer text that was there before";
    EXPECT_EQ(write_report(path, "new"), "");
    std::ifstream file(path);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "new");
    namespace fs = std::filesystem;
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);
    EXPECT_EQ(write_report(folder, "new"), "cannot write " + folder + ": Is a directory");
    EXPECT_FALSE(fs::exists(folder + "/none"));
    EXPECT_EQ(write_report(folder + "/none/report.json", "new"),
              "cannot write " + folder + "/none/report.json: No such file or directory");
    fs::remove_all(folder);
}

TEST(write_report, keeps_links_and_what_is_no_file) {
    std::string folder = testing::TempDir() + "reportXXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    namespace fs = std::filesystem;
    std::ofstream(folder + "/report.json") << "old";
    fs::create_symlink("report.json", folder + "/link");
    EXPECT_EQ(write_report(folder + "/link", "new"), "");
    EXPECT_TRUE(fs::is_symlink(folder + "/link"));
    std::ifstream file(folder + "/report.json");
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "new");

    const std::string pipe = folder + "/pipe";
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    std::string received;
    std::thread reader(
        [&] { received.assign(std::istreambuf_iterator<char>(std::ifstream(pipe).rdbuf()), {}); });
    EXPECT_EQ(write_report(pipe, "new"), "");
    reader.join();
    EXPECT_EQ(received, "new");
    EXPECT_TRUE(fs::is_fifo(pipe));
    fs::remove_all(folder);
}

} // namespace
} // namespace replmond::cli
