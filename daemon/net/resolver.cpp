#include "daemon/net/resolver.hpp"

#include "daemon/net/async.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace replmond::net {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;
using verdict = lookup_outcome::verdict;

namespace {

// A coroutine waits on it; it expires when the last good addresses may be used, and is cancelled by a message
// to its loop when a lookup has ended. Shared with that message, which may come when nobody waits any more.
using bell = std::shared_ptr<asio::steady_timer>;

struct waiting {
    const std::string* host;
    bell rung;
};

failure cannot_resolve(const std::string& host, const lookup_outcome& why) {
    const char* hint = why.ended == verdict::unavailable ? "; does the name server answer?" : "";
    failure f;
    f.result = poll_result::network;
    f.error_msg = fmt::format("cannot resolve {}: {}{}", host, why.reason, hint);
    return f;
}

lookup_outcome unavailable(const char* why) {
    lookup_outcome outcome;
    outcome.reason = why;
    return outcome;
}

lookup_outcome look_up(const lookup_function& lookup, const std::string& host) {
    try {
        lookup_outcome outcome = lookup(host);
        const bool nothing = outcome.ended == verdict::found && outcome.addresses.empty();
        return nothing ? unavailable("no address was given") : outcome;
    } catch (const std::exception& e) {
        return unavailable(e.what());
    }
}

} // namespace

// What threads and loops share. All of it belongs to the mutex, which is held for short steps only.
struct resolver::pool {
    struct worker {
        std::thread thread;
        bool in_lookup = false;
    };

    std::mutex mutex;
    std::condition_variable changed;
    lookup_book book;
    const lookup_function lookup;
    std::deque<std::string> started; ///< out in the book, not taken by a thread yet
    std::list<worker> workers;
    std::list<waiting> waits;
    bool over = false;

    pool(lookup_rules rules, lookup_function how) : book(rules), lookup(std::move(how)) {}

    static void start_lookups(const std::shared_ptr<pool>& self);
    static void work(const std::shared_ptr<pool>& self, worker& me);
    void end(const std::string& host, lookup_outcome outcome);
};

// As many threads as lookups are out: none waits for the end of another. Called with the mutex held.
void resolver::pool::start_lookups(const std::shared_ptr<pool>& self) {
    while (auto host = self->book.start_next(clock::now())) {
        self->started.push_back(std::move(*host));
        if (self->workers.size() >= static_cast<std::size_t>(self->book.out())) {
            self->changed.notify_one();
            continue;
        }
        worker& fresh = self->workers.emplace_back();
        try {
            fresh.thread = std::thread([self, &fresh] { work(self, fresh); });
        } catch (const std::system_error& e) {
            // No more threads for us: better a failed lookup than one that nobody does.
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
        lookup_outcome outcome = look_up(self->lookup, host);
        lock.lock();
        me.in_lookup = false;
        self->end(host, std::move(outcome));
        if (!self->over)
            start_lookups(self);
    }
}

// With the mutex held: a coroutine that is about to go takes itself off the list first, so every loop that is
// sent a message here is still there.
void resolver::pool::end(const std::string& host, lookup_outcome outcome) {
    book.ended(host, std::move(outcome), clock::now());
    for (const waiting& one : waits) {
        if (*one.host == host)
            asio::post(one.rung->get_executor(), [rung = one.rung] { rung->cancel(); });
    }
}

// A coroutine's place among those that wait.
struct resolver::wait {
    wait(std::shared_ptr<pool> of, std::string name, const asio::any_io_executor& executor)
        : shared(std::move(of)), host(std::move(name)), rung(std::make_shared<asio::steady_timer>(executor)) {
        const std::lock_guard lock(shared->mutex);
        place = shared->waits.insert(shared->waits.end(), waiting{&host, rung});
        ticket = shared->book.ask(host, clock::now());
        pool::start_lookups(shared);
    }
    wait(const wait&) = delete;
    wait& operator=(const wait&) = delete;

    ~wait() {
        const std::lock_guard lock(shared->mutex);
        shared->waits.erase(place);
    }

    std::optional<lookup_outcome> answer() {
        const std::lock_guard lock(shared->mutex);
        rung->expires_at(shared->book.late_at(host));
        return shared->book.answer(host, ticket, clock::now());
    }

    const std::shared_ptr<pool> shared;
    const std::string host;
    const bell rung;
    std::list<waiting>::iterator place;
    lookup_book::ticket ticket = 0;
};

resolver::resolver(lookup_rules rules, lookup_function lookup)
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

asio::awaitable<result<address_list>> resolver::addresses_of(std::string host) {
    error_code no_address;
    asio::ip::make_address(host, no_address);
    if (!no_address) {
        address_list itself(1, host);
        co_return itself;
    }

    auto executor = co_await asio::this_coro::executor;
    wait place(pool_, std::move(host), executor);
    auto outcome = place.answer();
    while (!outcome) {
        co_await place.rung->async_wait(nothrow);
        const auto cancelled = co_await asio::this_coro::cancellation_state;
        if (cancelled.cancelled() != asio::cancellation_type::none)
            throw_cancelled();
        outcome = place.answer();
    }
    if (outcome->ended != verdict::found)
        co_return cannot_resolve(place.host, *outcome);
    co_return std::move(outcome->addresses);
}

bool resolver::lookups_out() const {
    const std::lock_guard lock(pool_->mutex);
    return pool_->book.out() > 0;
}

} // namespace replmond::net
