#include "daemon/net/http_server.hpp"

#include "daemon/net/async.hpp"
#include "daemon/net/http_session.hpp"
#include "daemon/net/listener.hpp"
#include "daemon/net/peer_group.hpp"

#include <boost/asio/ssl/context.hpp>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace replmond::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t least_backlog = 128; // connections that come at once, however few may stay
constexpr auto pause_after_accept_error = std::chrono::milliseconds(100);

// What the kernel holds for one slow reader; twice that, as Linux counts. Without it, up to 4 MiB.
constexpr int send_buffer = 128 * 1024;

bool is_out_of_descriptors(const error_code& error) {
    return error == asio::error::no_descriptors ||
           error == boost::system::errc::too_many_files_open_in_system;
}

std::string peer_behind(const tcp::socket& socket) {
    error_code gone;
    const auto peer = socket.remote_endpoint(gone);
    return gone ? std::string() : peer_group(peer.address().to_string()); // it may have left already
}

} // namespace

// Keeps a connection in the books for as long as it lives.
class http_server::seat {
public:
    seat(http_server& at, connection_book::id who, http_session& session) : at_(at), who_(who) {
        at_.sessions_[who] = &session;
    }
    seat(const seat&) = delete;
    seat& operator=(const seat&) = delete;
    ~seat() {
        at_.sessions_.erase(who_);
        at_.book_.closed(who_);
    }

private:
    http_server& at_;
    connection_book::id who_;
};

http_server::http_server(asio::any_io_executor executor, http_handler handler, server_limits limits)
    : executor_(std::move(executor)), handler_(std::move(handler)), limits_(limits), book_(limits),
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

void http_server::start(task_group& group) {
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
        auto [error, socket] = co_await listener.async_accept(nothrow);
        if (error == asio::error::operation_aborted || !listener.is_open())
            co_return;
        if (!error) {
            try {
                welcome(std::move(socket));
                continue;
            } catch (...) { // no memory for it: others may find some again
                report(failure_of(std::current_exception(), nullptr));
            }
        }
        if (is_out_of_descriptors(error))
            make_room();
        // The listener stays, and who waits there is accepted at a later try.
        pause.expires_after(pause_after_accept_error);
        co_await pause.async_wait(nothrow);
    }
}

void http_server::welcome(tcp::socket socket) {
    const auto now = clock::now();
    if (now >= scarce_until_)
        book_.limit(limits_.connections);
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(asio::socket_base::send_buffer_size(send_buffer), ignored);
    const auto who = book_.open(peer_behind(socket), now);
    try {
        close(book_.close_for(who, now));
        group_->spawn(attend(std::move(socket), who));
    } catch (...) {
        book_.closed(who);
        throw;
    }
}

asio::awaitable<void> http_server::attend(tcp::socket socket, connection_book::id who) {
    if (!book_.knows(who))
        co_return; // closed before it began
    try {
        std::shared_ptr<asio::ssl::context> tls;
        if (door_ != nullptr)
            tls = door_->tls();
        handshake_turn turn{handshakes_, peer_behind(socket)};
        auto stream = make_server_stream(std::move(socket), std::move(tls), std::move(turn));
        session_ports ports = ports_for(who);
        http_session session(std::move(stream), handler_, door_, limits_, std::move(ports));
        const seat mine(*this, who, session);
        co_await session.run();
    } catch (const boost::system::system_error& e) {
        if (e.code() != asio::error::operation_aborted) // else cancelled while stopping
            report(failure_of(std::current_exception(), nullptr));
    } catch (...) {
        report(failure_of(std::current_exception(), nullptr));
    }
    book_.closed(who); // the socket closes with the frame
}

session_ports http_server::ports_for(connection_book::id who) {
    session_ports ports;
    ports.moved = [this, who](std::size_t bytes) { book_.moved(who, bytes, clock::now()); };
    ports.answers = [this, who] { book_.answers(who, clock::now()); };
    ports.sends = [this, who](const http_answer& answer) {
        const auto now = clock::now();
        book_.sends(who, answer.shared, answer.size(), now);
        close(book_.close_for(who, now));
    };
    ports.waits = [this, who] { book_.waits(who, clock::now()); };
    ports.refused = [this](int status) {
        if (refused_)
            refused_(status);
    };
    ports.failed = [this](const http_failure& failure) { report(failure); };
    ports.stopping = [this] { return is_stopping_; };
    ports.objects = objects_;
    return ports;
}

// Whatever went wrong, telling it must not end more than that did.
void http_server::report(const http_failure& failure) noexcept {
    try {
        if (failed_)
            failed_(failure);
    } catch (...) {
        return; // no memory to say so
    }
}

void http_server::close(const std::vector<connection_book::id>& who) {
    for (const connection_book::id each : who) {
        const auto found = sessions_.find(each);
        if (found != sessions_.end())
            found->second->close();
    }
}

void http_server::cut_off(const pieced_text* text) {
    for (const auto& [who, session] : sessions_) {
        if (session->is_sending(text))
            session->close();
    }
}

// Descriptors are short: those that wait give way, and for a while fewer are let in, so that polls find some.
void http_server::make_room() {
    const std::size_t fewer = std::max<std::size_t>(1, book_.size() * 3 / 4);
    book_.limit(fewer);
    scarce_until_ = clock::now() + limits_.scarce_time;
    while (book_.size() > fewer) {
        const auto first = book_.close_one_that_waits(clock::now());
        if (first.empty())
            return;
        close(first);
    }
}

} // namespace replmond::net
