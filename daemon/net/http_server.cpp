#include "daemon/net/http_server.hpp"

#include "daemon/net/async.hpp"
#include "daemon/net/http_session.hpp"
#include "daemon/net/listener.hpp"

#include <boost/asio/ssl/context.hpp>

#include <algorithm>
#include <utility>

namespace replmond::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto pause_after_accept_error = std::chrono::milliseconds(100);

// What the kernel holds for one slow reader; twice that, as Linux counts. Without it, up to 4 MiB.
constexpr int send_buffer = 128 * 1024;

bool is_out_of_descriptors(const error_code& error) {
    return error == asio::error::no_descriptors ||
           error == boost::system::errc::too_many_files_open_in_system;
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
    : executor_(std::move(executor)), handler_(std::move(handler)), limits_(limits),
      book_(limits.connections, limits.answer_bytes) {}

http_server::~http_server() = default;

tcp::endpoint http_server::listen(std::string_view address) {
    tcp::acceptor& listener = listeners_.emplace_back(listen_on(executor_, address));
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
            welcome(std::move(socket));
            continue;
        }
        if (is_out_of_descriptors(error))
            make_room();
        // The listener stays, and who waits there is accepted at a later try.
        pause.expires_after(pause_after_accept_error);
        co_await pause.async_wait(nothrow);
    }
}

void http_server::welcome(tcp::socket socket) {
    if (std::chrono::steady_clock::now() >= scarce_until_)
        book_.limit(limits_.connections);
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(asio::socket_base::send_buffer_size(send_buffer), ignored);
    const auto who = book_.open();
    close(book_.close_for(who));
    group_->spawn(attend(std::move(socket), who));
}

asio::awaitable<void> http_server::attend(tcp::socket socket, connection_book::id who) {
    if (!book_.knows(who))
        co_return; // closed before it began
    session_ports ports;
    ports.answers = [this, who] { book_.answers(who); };
    ports.sends = [this, who](const void* text, std::size_t bytes) {
        book_.sends(who, text, bytes);
        close(book_.close_for(who));
    };
    ports.waits = [this, who] { book_.waits(who); };
    ports.refused = [this](int status) {
        if (refused_)
            refused_(status);
    };
    ports.objects = objects_;
    try {
        std::shared_ptr<asio::ssl::context> tls;
        if (door_ != nullptr)
            tls = door_->tls();
        auto stream = make_server_stream(std::move(socket), std::move(tls));
        http_session session(std::move(stream), handler_, door_, limits_, std::move(ports));
        const seat mine(*this, who, session);
        co_await session.run();
    } catch (const boost::system::system_error&) {
        // cancelled while stopping: the socket closes with the frame
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
    scarce_until_ = std::chrono::steady_clock::now() + limits_.scarce_time;
    while (book_.size() > fewer) {
        const auto oldest = book_.close_oldest_waiting();
        if (oldest.empty())
            return;
        close(oldest);
    }
}

} // namespace replmond::net
