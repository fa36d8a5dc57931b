// Accepts connections, gives each a session, and closes those that connection_limiter selects.

#include "daemon/net/server/http_server.hpp"

#include "daemon/core/http/address.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/server/http_session.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/ssl/context.hpp>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace replmond::server {

namespace asio = boost::asio;
using asio::ip::tcp;

tcp::acceptor listen_on(const asio::any_io_executor& executor, std::string_view address,
                        std::size_t backlog) {
    const auto [host, port] = http::parse_listen_address(address);
    tcp::acceptor acceptor(executor);
    const auto open = [&](const tcp::endpoint& at, bool both_families) {
        acceptor.open(at.protocol());
        acceptor.set_option(tcp::acceptor::reuse_address(true));
        if (at.protocol() == tcp::v6())
            acceptor.set_option(asio::ip::v6_only(!both_families));
        acceptor.bind(at);
        acceptor.listen(static_cast<int>(backlog));
    };
    if (host.empty()) {
        try {
            open(tcp::endpoint(tcp::v6(), port), true);
        } catch (const boost::system::system_error& e) {
            if (e.code() != asio::error::address_family_not_supported)
                throw;
            acceptor = tcp::acceptor(executor); // a kernel without IPv6
            open(tcp::endpoint(tcp::v4(), port), false);
        }
        return acceptor;
    }
    tcp::resolver resolver(executor);
    const auto found = resolver.resolve(host, std::to_string(port), tcp::resolver::passive);
    open(found.begin()->endpoint(), false);
    return acceptor;
}

using clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t least_backlog = 128; // so that short bursts fit, however small `connections` is
constexpr auto pause_after_accept_error = std::chrono::milliseconds(100);

// Bytes that the kernel may hold for one slow reader (Linux doubles the value, see socket(7)). Without this,
// autotuning goes up to 4 MiB.
constexpr int send_buffer = 128 * 1024;

bool is_out_of_descriptors(const net::error_code& error) {
    return error == asio::error::no_descriptors ||
           error == boost::system::errc::too_many_files_open_in_system;
}

std::string peer_behind(const tcp::socket& socket) {
    net::error_code gone;
    const auto peer = socket.remote_endpoint(gone);
    return gone ? std::string() : http::peer_group(peer.address().to_string()); // it may have closed already
}

} // namespace

// Keeps a session in sessions_ for as long as the session exists.
class http_server::registration {
public:
    registration(http_server& at, http::connection_limiter::id who, http_session& session)
        : at_(at), who_(who) {
        at_.sessions_[who] = &session;
    }
    registration(const registration&) = delete;
    registration& operator=(const registration&) = delete;
    ~registration() {
        at_.sessions_.erase(who_);
        at_.limiter_.closed(who_);
    }

private:
    http_server& at_;
    http::connection_limiter::id who_;
};

http_server::http_server(asio::any_io_executor executor, http::http_handler handler,
                         http::server_limits limits)
    : executor_(std::move(executor)), handler_(std::move(handler)), limits_(limits), limiter_(limits),
      handshakes_(executor_) {}

http_server::~http_server() = default;

tcp::endpoint http_server::listen(std::string_view address) {
    tcp::acceptor& listener =
        listeners_.emplace_back(listen_on(executor_, address, std::max(limits_.connections, least_backlog)));
    addresses_.push_back(listener.local_endpoint());
    if (group_ != nullptr)
        group_->spawn(accept_at(listener));
    return addresses_.back();
}

void http_server::start(net::task_group& group) {
    group_ = &group;
    for (tcp::acceptor& listener : listeners_)
        group_->spawn(accept_at(listener));
}

void http_server::stop_listening() {
    is_stopping_ = true;
    for (tcp::acceptor& listener : listeners_)
        listener.close();
}

asio::awaitable<void> http_server::accept_at(tcp::acceptor& listener) {
    struct counted {
        std::size_t& accepting;
        explicit counted(std::size_t& of) : accepting(of) { ++accepting; }
        ~counted() { --accepting; }
    };
    const counted while_it_accepts(accepting_);
    asio::steady_timer pause(executor_);
    for (;;) {
        auto [error, socket] = co_await listener.async_accept(net::nothrow);
        if (error == asio::error::operation_aborted || !listener.is_open())
            co_return;
        if (!error) {
            try {
                accept_connection(std::move(socket));
                continue;
            } catch (...) { // out of memory: other coroutines may free some, so go on
                report(http::failure_of(std::current_exception(), nullptr));
            }
        }
        if (is_out_of_descriptors(error))
            make_room();
        // The listener stays open. Clients that wait in its backlog are accepted at a later try.
        pause.expires_after(pause_after_accept_error);
        co_await pause.async_wait(net::nothrow);
    }
}

void http_server::accept_connection(tcp::socket socket) {
    const auto now = clock::now();
    if (now >= scarce_until_)
        limiter_.limit(limits_.connections);
    net::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(asio::socket_base::send_buffer_size(send_buffer), ignored);
    const auto who = limiter_.open(peer_behind(socket), now);
    try {
        close(limiter_.close_for(who, now));
        group_->spawn(serve_connection(std::move(socket), who));
    } catch (...) {
        limiter_.closed(who);
        throw;
    }
}

asio::awaitable<void> http_server::serve_connection(tcp::socket socket, http::connection_limiter::id who) {
    if (!limiter_.knows(who))
        co_return; // closed by the limiter before this coroutine started
    try {
        std::shared_ptr<asio::ssl::context> tls;
        if (access_filter_ != nullptr)
            tls = access_filter_->tls();
        handshake_turn turn{handshakes_, peer_behind(socket)};
        auto stream = make_server_stream(std::move(socket), std::move(tls), std::move(turn));
        session_callbacks callbacks = callbacks_for(who);
        http_session session(std::move(stream), handler_, access_filter_, limits_, std::move(callbacks));
        const registration mine(*this, who, session);
        co_await session.run();
    } catch (const boost::system::system_error& e) {
        if (e.code() != asio::error::operation_aborted) // operation_aborted: the server stops
            report(http::failure_of(std::current_exception(), nullptr));
    } catch (...) {
        report(http::failure_of(std::current_exception(), nullptr));
    }
    limiter_.closed(who); // the socket closes when the coroutine's frame is destroyed
}

session_callbacks http_server::callbacks_for(http::connection_limiter::id who) {
    session_callbacks callbacks;
    callbacks.moved = [this, who](std::size_t bytes) { limiter_.moved(who, bytes, clock::now()); };
    callbacks.answers = [this, who] { limiter_.answers(who, clock::now()); };
    callbacks.sends = [this, who](const http::http_reply& answer) {
        const auto now = clock::now();
        limiter_.sends(who, answer.shared, answer.size(), now);
        close(limiter_.close_for(who, now));
    };
    callbacks.waits = [this, who] { limiter_.waits(who, clock::now()); };
    callbacks.refused = [this](int status) {
        if (refused_)
            refused_(status);
    };
    callbacks.failed = [this](const http::http_failure& failure) { report(failure); };
    callbacks.stopping = [this] { return is_stopping_; };
    callbacks.objects = objects_;
    return callbacks;
}

// An error in reporting must not cause more damage than the reported one.
void http_server::report(const http::http_failure& failure) noexcept {
    try {
        if (failed_)
            failed_(failure);
    } catch (...) {
        return; // no memory to report
    }
}

void http_server::close(const std::vector<http::connection_limiter::id>& who) {
    for (const http::connection_limiter::id each : who) {
        const auto found = sessions_.find(each);
        if (found != sessions_.end())
            found->second->close();
    }
}

void http_server::cut_off(const http::buffer_chain* text) {
    for (const auto& [who, session] : sessions_) {
        if (session->is_sending(text))
            session->close();
    }
}

// File descriptors are short: idle connections are closed, and for `scarce_time` fewer are allowed, so that
// polls get descriptors.
void http_server::make_room() {
    const std::size_t fewer = std::max<std::size_t>(1, limiter_.size() * 3 / 4);
    limiter_.limit(fewer);
    scarce_until_ = clock::now() + limits_.scarce_time;
    while (limiter_.size() > fewer) {
        const auto first = limiter_.close_one_that_waits(clock::now());
        if (first.empty())
            return;
        close(first);
    }
}

} // namespace replmond::server
