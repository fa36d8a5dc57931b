// Runs getaddrinfo() on threads, because it may block for any time and cannot be cancelled.
// core/http/dns_cache decides which lookup starts.

#include "daemon/net/client/resolver.hpp"

#include "daemon/net/async.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <netdb.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace replmond::client {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;
using verdict = http::lookup_outcome::verdict;

namespace {

// A timer used as a latch by one waiting coroutine. It expires when the last good addresses may be used
// instead, and is cancelled by a message to the coroutine's loop when a lookup has ended. Shared with that
// message, which may arrive after the coroutine has ended.
using wakeup = std::shared_ptr<asio::steady_timer>;

struct waiting {
    const std::string* host;
    wakeup signalled;
};

failure cannot_resolve(const std::string& host, const http::lookup_outcome& why) {
    const char* hint = why.ended == verdict::unavailable ? "; does the name server answer?" : "";
    return make_failure(poll_result::network, fmt::format("cannot resolve {}: {}{}", host, why.reason, hint));
}

http::lookup_outcome unavailable(const char* why) {
    http::lookup_outcome outcome;
    outcome.reason = why;
    return outcome;
}

http::lookup_outcome look_up(const lookup_function& lookup, const std::string& host) {
    try {
        http::lookup_outcome outcome = lookup(host);
        const bool nothing = outcome.ended == verdict::found && outcome.addresses.empty();
        return nothing ? unavailable("no address was given") : outcome;
    } catch (const std::exception& e) {
        return unavailable(e.what());
    }
}

} // namespace

// State that threads and loops share. The mutex guards all of it and is held for short steps only.
struct resolver::pool {
    struct worker {
        std::thread thread;
        bool in_lookup = false;
    };

    std::mutex mutex;
    std::condition_variable changed;
    http::dns_cache cache;
    const lookup_function lookup;
    std::deque<std::string> started; ///< started in the cache, not taken by a thread yet
    std::list<worker> workers;
    std::list<waiting> waits;
    bool over = false;

    pool(http::lookup_limits rules, lookup_function how) : cache(rules), lookup(std::move(how)) {}

    static void start_lookups(const std::shared_ptr<pool>& self);
    static void work(const std::shared_ptr<pool>& self, worker& me);
    void end(const std::string& host, http::lookup_outcome outcome);
};

// There are as many threads as running lookups, so that no lookup waits for another one. Called with the
// mutex held.
void resolver::pool::start_lookups(const std::shared_ptr<pool>& self) {
    while (auto host = self->cache.start_next(clock::now())) {
        self->started.push_back(std::move(*host));
        if (self->workers.size() >= static_cast<std::size_t>(self->cache.out())) {
            self->changed.notify_one();
            continue;
        }
        worker& fresh = self->workers.emplace_back();
        try {
            fresh.thread = std::thread([self, &fresh] { work(self, fresh); });
        } catch (const std::system_error& e) {
            // No thread can be started: fail the lookup, since no thread would ever take it.
            self->workers.pop_back();
            const std::string left = std::move(self->started.back());
            self->started.pop_back();
            self->end(left, unavailable(e.what()));
        }
    }
}

void resolver::pool::work(const std::shared_ptr<pool>& self, worker& me) {
    std::unique_lock lock(self->mutex);
    for (;;) {
        self->changed.wait(lock, [&] { return self->over || !self->started.empty(); });
        if (self->over)
            return;
        const std::string host = std::move(self->started.front());
        self->started.pop_front();
        me.in_lookup = true;
        lock.unlock();
        http::lookup_outcome outcome = look_up(self->lookup, host);
        lock.lock();
        me.in_lookup = false;
        self->end(host, std::move(outcome));
        if (!self->over)
            start_lookups(self);
    }
}

// Called with the mutex held. A coroutine removes itself from `waits` before it ends, so the loop of each
// entry still exists when a message is posted to it here.
void resolver::pool::end(const std::string& host, http::lookup_outcome outcome) {
    cache.ended(host, std::move(outcome), clock::now());
    for (const waiting& one : waits) {
        if (*one.host == host)
            asio::post(one.signalled->get_executor(), [signalled = one.signalled] { signalled->cancel(); });
    }
}

// The entry of one coroutine in `waits`; removed by the destructor, however the coroutine ends.
struct resolver::wait {
    wait(std::shared_ptr<pool> of, std::string name, const asio::any_io_executor& executor)
        : shared(std::move(of)), host(std::move(name)),
          signalled(std::make_shared<asio::steady_timer>(executor)) {
        const std::lock_guard lock(shared->mutex);
        place = shared->waits.insert(shared->waits.end(), waiting{&host, signalled});
        ticket = shared->cache.ask(host, clock::now());
        pool::start_lookups(shared);
    }
    wait(const wait&) = delete;
    wait& operator=(const wait&) = delete;

    ~wait() {
        const std::lock_guard lock(shared->mutex);
        shared->waits.erase(place);
    }

    std::optional<http::lookup_outcome> answer() {
        const std::lock_guard lock(shared->mutex);
        signalled->expires_at(shared->cache.late_at(host));
        return shared->cache.answer(host, ticket, clock::now());
    }

    const std::shared_ptr<pool> shared;
    const std::string host;
    const wakeup signalled;
    std::list<waiting>::iterator place;
    http::dns_cache::ticket ticket = 0;
};

resolver::resolver(http::lookup_limits rules, lookup_function lookup)
    : pool_(std::make_shared<pool>(rules, std::move(lookup))) {}

resolver::~resolver() {
    std::vector<std::thread> idle;
    {
        const std::lock_guard lock(pool_->mutex);
        pool_->over = true;
        for (pool::worker& one : pool_->workers) {
            if (one.in_lookup)
                one.thread.detach();
            else
                idle.push_back(std::move(one.thread));
        }
    }
    pool_->changed.notify_all();
    for (std::thread& one : idle)
        one.join();
}

asio::awaitable<result<http::address_list>> resolver::addresses_of(std::string host) {
    net::error_code no_address;
    asio::ip::make_address(host, no_address);
    if (!no_address) {
        http::address_list itself(1, host);
        co_return itself;
    }

    auto executor = co_await asio::this_coro::executor;
    wait place(pool_, std::move(host), executor);
    auto outcome = place.answer();
    while (!outcome) {
        co_await place.signalled->async_wait(net::nothrow);
        const auto cancelled = co_await asio::this_coro::cancellation_state;
        if (cancelled.cancelled() != asio::cancellation_type::none)
            net::throw_cancelled();
        outcome = place.answer();
    }
    if (outcome->ended != verdict::found)
        co_return cannot_resolve(place.host, *outcome);
    co_return std::move(outcome->addresses);
}

bool resolver::lookups_out() const {
    const std::lock_guard lock(pool_->mutex);
    return pool_->cache.out() > 0;
}

using verdict = http::lookup_outcome::verdict;

namespace {

http::lookup_outcome failed(int error, int system_error) {
    http::lookup_outcome outcome;
    const bool definite = error == EAI_NONAME || error == EAI_NODATA || error == EAI_ADDRFAMILY;
    outcome.ended = definite ? verdict::no_such_name : verdict::unavailable;
    outcome.reason =
        error == EAI_SYSTEM ? std::generic_category().message(system_error) : ::gai_strerror(error);
    return outcome;
}

} // namespace

http::lookup_outcome system_lookup(const std::string& host) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM; // returns each address once, not once for each socket type
    addrinfo* found = nullptr;
    if (const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0)
        return failed(error, errno);

    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
    http::lookup_outcome outcome;
    std::array<char, NI_MAXHOST> text{};
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
        // getnameinfo keeps the zone of a link-local address (fe80::1%eth0, RFC 4007), which inet_ntop would
        // lose.
        if (::getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0,
                          NI_NUMERICHOST) == 0)
            outcome.addresses.emplace_back(text.data());
    }
    if (outcome.addresses.empty())
        return failed(EAI_NODATA, 0);
    outcome.ended = verdict::found;
    return outcome;
}

} // namespace replmond::client
