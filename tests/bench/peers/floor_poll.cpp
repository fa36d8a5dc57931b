// The floor under a quiet poll: what a client that does nothing else pays on this machine for the same two
// requests at the same pace. One thread, kept connections, one write and one read for each request, epoll in
// between; the first page is compared with the one before. No deadline, no HTTP but a look at the answer's
// length, no bookkeeping.
//
// floor-poll HOST:PORT PROJECT INSTANCES POLLS_PER_SECOND SECONDS: prints microseconds of processor time a
// poll.
#include <arpa/inet.h>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t largest_answer = 64 * 1024;

int connect_to(const std::string& address) {
    const auto colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
        throw std::runtime_error("cannot connect");
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
}

// The length of the whole answer; 0 while its head is not whole.
std::size_t length_of(std::string_view answer) {
    constexpr std::string_view name = "Content-Length: ";
    const auto end = answer.find("\r\n\r\n");
    const auto at = answer.find(name);
    if (end == std::string_view::npos || at == std::string_view::npos)
        return 0;
    return end + 4 + std::strtoul(answer.data() + at + name.size(), nullptr, 10);
}

class client {
public:
    explicit client(const std::string& address) : socket_(connect_to(address)), epoll_(::epoll_create1(0)) {
        epoll_event what{};
        what.events = EPOLLIN;
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket_, &what);
        buffer_.resize(largest_answer);
    }

    std::string_view body_of(const std::string& request) {
        if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) < 0)
            throw std::runtime_error("cannot send");
        std::size_t got = 0;
        for (;;) {
            wait(-1);
            const auto read = ::recv(socket_, buffer_.data() + got, buffer_.size() - got, MSG_DONTWAIT);
            if (read <= 0)
                throw std::runtime_error("the connection ended");
            got += static_cast<std::size_t>(read);
            const std::string_view answer(buffer_.data(), got);
            if (const auto length = length_of(answer); length > 0 && got >= length)
                return answer.substr(answer.find("\r\n\r\n") + 4);
        }
    }

    void wait(int milliseconds) const {
        epoll_event what{};
        ::epoll_wait(epoll_, &what, 1, milliseconds);
    }

private:
    int socket_;
    int epoll_;
    std::string buffer_;
};

std::string request_for(const std::string& project, int instance, int offset) {
    char id[64];
    std::snprintf(id, sizeof id, "%032xin17", static_cast<unsigned>(instance));
    return "GET /v3/" + project + "/instances/" + id +
           "/starrocks/databases/replication?limit=100&offset=" + std::to_string(offset) +
           " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: floor\r\nX-Language: en-us\r\nX-Auth-Token: "
           "bench-token\r\n\r\n";
}

double processor_us() {
    timespec spent{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    return static_cast<double>(spent.tv_sec) * 1e6 + static_cast<double>(spent.tv_nsec) / 1e3;
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 6)
        return 2;
    client cloud(argv[1]);
    const int instances = std::atoi(argv[3]);
    const auto every = std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / std::atof(argv[4])));
    const auto end = clock::now() + std::chrono::seconds(std::atoi(argv[5]));

    std::vector<std::string> first, second, known(static_cast<std::size_t>(instances));
    for (int i = 1; i <= instances; ++i) {
        first.push_back(request_for(argv[2], i, 0));
        second.push_back(request_for(argv[2], i, 100));
    }
    std::size_t polls = 0;
    std::size_t changed = 0;
    double began = processor_us();
    auto next = clock::now();
    for (std::size_t turn = 0; clock::now() < end; ++turn) {
        const std::size_t i = turn % known.size();
        const auto body = cloud.body_of(first[i]);
        if (body != known[i]) {
            known[i] = body;
            ++changed;
        }
        cloud.body_of(second[i]);
        if (turn + 1 == known.size())
            began = processor_us(); // from the second round on, nothing changes
        else if (turn >= known.size())
            ++polls;
        next += every;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - clock::now());
        if (left.count() > 0)
            cloud.wait(static_cast<int>(left.count()));
    }
    std::printf("%.1f us a poll, %zu polls, %zu changed\n",
                (processor_us() - began) / static_cast<double>(polls), polls, changed);
}
