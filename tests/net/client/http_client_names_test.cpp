#include "daemon/net/client/resolver.hpp"
#include "tests/net/client/http_client_fixture.hpp"

#include <condition_variable>
#include <cstring>
#include <dlfcn.h>
#include <mutex>
#include <netdb.h>

namespace {

// What a resolver's thread waits for while the name is one that hangs.
struct permits {
    std::mutex mutex;
    std::condition_variable opened;
    bool open = false;
    bool waiting = false;
};

permits& the_gate() {
    static permits only;
    return only;
}

bool is(const char* name, const char* wanted) {
    return name != nullptr && std::strcmp(name, wanted) == 0;
}

} // namespace

// In the place of libc's for this program: no test depends on a name server.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** found) {
    using lookup = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto real = reinterpret_cast<lookup>(dlsym(RTLD_NEXT, "getaddrinfo"));
    if (is(name, "unknown.test"))
        return EAI_NONAME;
    if (is(name, "no-answer.test"))
        return EAI_AGAIN;
    if (is(name, "hanging.test")) {
        std::unique_lock lock(the_gate().mutex);
        the_gate().waiting = true;
        the_gate().opened.wait(lock, [] { return the_gate().open; });
        return EAI_NONAME;
    }
    return real(is(name, "known.test") ? "127.0.0.1" : name, service, hints, found);
}

namespace replmond::testing {
namespace {

using namespace std::chrono_literals;

class HttpClientNames : public HttpClient {
protected:
    void SetUp() override {
        std::unique_lock lock(the_gate().mutex);
        the_gate().open = the_gate().waiting = false;
    }

    void TearDown() override {
        unlimited_permits();
        HttpClient::TearDown();
    }

    static void unlimited_permits() {
        {
            std::unique_lock lock(the_gate().mutex);
            the_gate().open = true;
        }
        the_gate().opened.notify_all();
    }

    static bool hangs() {
        std::unique_lock lock(the_gate().mutex);
        return the_gate().waiting;
    }

    static http::origin origin_of(std::string host, std::uint16_t port = 80) {
        http::origin to;
        to.tls = false;
        to.host = std::move(host);
        to.port = port;
        return to;
    }
};

TEST_F(HttpClientNames, ANameLeadsToItsServer) {
    answer(text_answer("ok"));
    connect_to(origin_of("known.test", server_->port()));
    expect_body(get(), "ok");
    EXPECT_EQ(seen_.back().header("Host"), "known.test:" + std::to_string(server_->port()));
}

TEST_F(HttpClientNames, ANameThatDoesNotExist) {
    settings_.unresolved_hint = "; is the region right?";
    connect_to(origin_of("unknown.test"));
    expect_failure(get(), poll_result::network,
                   "cannot resolve unknown.test: Name or service not known; is the region right?");
}

TEST_F(HttpClientNames, ANameServerThatDoesNotAnswer) {
    connect_to(origin_of("no-answer.test"));
    expect_failure(
        get(), poll_result::network,
        "cannot resolve no-answer.test: Temporary failure in name resolution; does the name server "
        "answer?");
}

TEST_F(HttpClientNames, TheHintIsAboutNamesOnly) {
    answer(text_answer("never asked for"));
    const std::uint16_t port = server_->port();
    server_.reset();
    settings_.unresolved_hint = "; is the region right?";
    connect_to(origin_of("known.test", port));
    const auto refused = get();
    expect_failure(refused, poll_result::network,
                   "cannot connect to known.test:" + std::to_string(port) + ": Connection refused");
    EXPECT_THAT(refused.error().error_msg, ::testing::Not(::testing::HasSubstr("region")));
}

TEST_F(HttpClientNames, TheSystemsWords) {
    using verdict = http::lookup_outcome::verdict;
    const http::lookup_outcome found{verdict::found, {"127.0.0.1"}, ""};
    EXPECT_EQ(client::system_lookup("known.test"), found);
    EXPECT_EQ(client::system_lookup("unknown.test").ended, verdict::no_such_name);
    EXPECT_EQ(client::system_lookup("no-answer.test").ended, verdict::unavailable);
}

TEST_F(HttpClientNames, ClientsShareTheirNames) {
    settings_.names = std::make_shared<client::resolver>();
    connect_to(origin_of("hanging.test"));
    expect_failure(get("/", 5ms), poll_result::timeout, "resolving hanging.test");
    answer(text_answer("ok"));
    connect_to(origin_of("known.test", server_->port()));
    expect_body(get(), "ok");
    EXPECT_TRUE(settings_.names->lookups_out());
}

TEST_F(HttpClientNames, AHangingLookupDoesNotHoldTheDeadline) {
    connect_to(origin_of("hanging.test"));
    expect_failure(get("/", 5ms), poll_result::timeout, "resolving hanging.test");
    // The next one waits for the same lookup, and has its own end.
    expect_failure(get("/", 5ms), poll_result::timeout, "resolving hanging.test");
}

TEST_F(HttpClientNames, AHangingLookupCanBeCancelled) {
    connect_to(origin_of("hanging.test"));
    const auto request = make_request();
    const auto running = start(loop_, client_->exchange(request, never));
    while (!hangs())
        loop_.run_for(1ms);
    cancel(loop_, running);
    EXPECT_THROW(finish(loop_, running), boost::system::system_error);
}

TEST_F(HttpClientNames, ALateAnswerIsDropped) {
    connect_to(origin_of("hanging.test"));
    expect_failure(get("/", 5ms), poll_result::timeout);
    client_.reset();
    unlimited_permits();
    run_dry(loop_); // the answer arrives here, for nobody
}

} // namespace
} // namespace replmond::testing
