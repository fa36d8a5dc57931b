#include "daemon/net/async.hpp"
#include "daemon/net/resolve.hpp"
#include "tests/integration/http_client_fixture.hpp"

#include <condition_variable>
#include <cstring>
#include <dlfcn.h>
#include <mutex>
#include <netdb.h>

namespace {

// What the resolver's thread waits for while the name is one that hangs.
struct gate {
    std::mutex mutex;
    std::condition_variable opened;
    bool open = false;
    bool waiting = false;
};

gate& the_gate() {
    static gate only;
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
using tcp = boost::asio::ip::tcp;

class Resolve : public HttpClient {
protected:
    void SetUp() override {
        std::unique_lock lock(the_gate().mutex);
        the_gate().open = the_gate().waiting = false;
    }

    void TearDown() override {
        open_gate();
        HttpClient::TearDown();
    }

    static void open_gate() {
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

    static net::origin origin_of(std::string host, std::uint16_t port = 80) {
        net::origin to;
        to.tls = false;
        to.host = std::move(host);
        to.port = port;
        return to;
    }
};

TEST_F(Resolve, AddressesNeedNoLookup) {
    const auto v4 = origin_of("192.0.2.1", 8080);
    const auto v6 = origin_of("2001:db8::1", 443);
    const net::endpoint_list one(1, tcp::endpoint(boost::asio::ip::make_address("192.0.2.1"), 8080));
    EXPECT_EQ(run(loop_, net::resolve(v4)).value(), one);
    EXPECT_EQ(run(loop_, net::resolve(v6)).value().at(0).address().to_string(), "2001:db8::1");
}

TEST_F(Resolve, ANameLeadsToItsServer) {
    answer(text_answer("ok"));
    connect_to(origin_of("known.test", server_->port()));
    expect_body(get(), "ok");
    EXPECT_EQ(seen_.back().header("Host"), "known.test:" + std::to_string(server_->port()));
}

TEST_F(Resolve, ANameThatDoesNotExist) {
    connect_to(origin_of("unknown.test"));
    expect_failure(get(), poll_result::network, "cannot resolve unknown.test: Host not found");
}

TEST_F(Resolve, ANameServerThatDoesNotAnswer) {
    connect_to(origin_of("no-answer.test"));
    expect_failure(get(), poll_result::network, "cannot resolve no-answer.test: ");
}

TEST_F(Resolve, AHangingLookupDoesNotHoldTheDeadline) {
    connect_to(origin_of("hanging.test"));
    expect_failure(get("/", 5ms), poll_result::timeout, "resolving hanging.test");
    // Of the lookups that follow, each waits behind it for the resolver's one thread, and each has its own
    // end.
    expect_failure(get("/", 5ms), poll_result::timeout, "resolving hanging.test");
}

TEST_F(Resolve, AHangingLookupCanBeCancelled) {
    connect_to(origin_of("hanging.test"));
    const auto request = make_request();
    const auto running = start(loop_, client_->exchange(request, never));
    while (!hangs())
        loop_.run_for(1ms);
    cancel(loop_, running);
    EXPECT_THROW(finish(loop_, running), boost::system::system_error);
}

TEST_F(Resolve, ALateAnswerIsDropped) {
    connect_to(origin_of("hanging.test"));
    expect_failure(get("/", 5ms), poll_result::timeout);
    client_.reset();
    open_gate();
    run_dry(loop_); // the answer arrives here, for nobody
}

} // namespace
} // namespace replmond::testing
