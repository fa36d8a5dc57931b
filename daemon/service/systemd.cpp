// Messages to systemd (sd_notify(3)): readiness, reloads, a line of status, and the watchdog's keep-alive.

#include "daemon/service/systemd.hpp"

#include "daemon/net/async.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace replmond::service {

namespace {

constexpr std::size_t most_names = 3;

// For example ": a, b, c and 4 more".
std::string listed(std::vector<std::string> names) {
    const std::size_t shown = std::min(names.size(), most_names);
    std::partial_sort(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), names.end());
    std::string text;
    for (std::size_t i = 0; i < shown; ++i)
        text += (i == 0 ? ": " : ", ") + names[i];
    if (names.size() > shown)
        text += fmt::format(" and {} more", names.size() - shown);
    return text;
}

std::string counted(std::size_t instances) {
    return fmt::format("{} instance{}", instances, instances == 1 ? "" : "s");
}

} // namespace

std::string service_status(const service_facts& of) {
    std::string text =
        of.instances == 0 ? "watching nothing: no instances are known" : "watching " + counted(of.instances);
    if (of.instances > 0 && of.first_polls_left > 0)
        text = fmt::format("first round: {} of {} polled",
                           of.instances - std::min(of.instances, of.first_polls_left), counted(of.instances));
    if (!of.failing.empty())
        text += fmt::format("; {} failing{}", of.failing.size(), listed(of.failing));
    if (!of.overdue.empty())
        text += fmt::format("; {} overdue{}", of.overdue.size(), listed(of.overdue));
    if (of.reload_refused)
        text += "; the new configuration was refused";
    return text;
}

namespace asio = boost::asio;

namespace {

constexpr auto between_looks = std::chrono::seconds(1);
constexpr int looks_for_each_feeding = 4; // a late one does no harm

// Each line of the message is a field, so a line break in the status would start another field.
std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

std::uint64_t monotonic_usec() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

std::string_view environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view() : std::string_view(value);
}

std::optional<std::uint64_t> number(std::string_view digits) {
    std::uint64_t value = 0;
    const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || bad != std::errc{} || end != digits.data() + digits.size())
        return std::nullopt;
    return value;
}

enum class if_full { wait, give_up };

// Returns whether the message was sent.
bool send(std::string_view message, if_full what) {
    const auto name = environment("NOTIFY_SOCKET");
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    if (name.empty() || name.size() >= sizeof(to.sun_path))
        return false;
    std::memcpy(to.sun_path, name.data(), name.size());
    auto size = offsetof(sockaddr_un, sun_path) + name.size();
    if (name.front() == '@')
        to.sun_path[0] = '\0'; // an abstract address: its length counts, without a final zero (unix(7))
    else
        ++size;

    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0)
        return false;
    const timeval patience{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    const int flags = MSG_NOSIGNAL | (what == if_full::give_up ? MSG_DONTWAIT : 0);
    const auto sent = ::sendto(socket, message.data(), message.size(), flags,
                               reinterpret_cast<const sockaddr*>(&to), static_cast<socklen_t>(size));
    ::close(socket);
    return sent >= 0;
}

} // namespace

bool systemd_notify::wanted() const {
    return !environment("NOTIFY_SOCKET").empty();
}

// As in sd_watchdog_enabled(3): WATCHDOG_PID, if set, names the process that the watchdog is for.
std::optional<std::chrono::microseconds> systemd_notify::watchdog() const {
    const auto microseconds = number(environment("WATCHDOG_USEC"));
    const auto whose = environment("WATCHDOG_PID");
    const bool ours = whose.empty() || number(whose) == static_cast<std::uint64_t>(::getpid());
    if (!microseconds || *microseconds == 0 || !ours)
        return std::nullopt;
    return std::chrono::microseconds(*microseconds);
}

void systemd_notify::ready(const std::string& status) {
    status_ = one_line(status);
    send("READY=1\nSTATUS=" + status_, if_full::wait);
}

void systemd_notify::reloading() {
    send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", monotonic_usec()), if_full::wait);
}

void systemd_notify::stopping() {
    send("STOPPING=1\nSTATUS=stopping", if_full::wait);
}

void systemd_notify::status(const std::string& text) {
    auto line = one_line(text);
    if (line != status_ && send("STATUS=" + line, if_full::give_up))
        status_ = std::move(line);
}

void systemd_notify::alive() {
    send("WATCHDOG=1", if_full::give_up);
}

asio::awaitable<void> keep_informed(systemd_notify& to, service_probe probe) {
    if (!to.wanted())
        co_return;
    const auto watchdog = to.watchdog();
    std::chrono::microseconds pause = between_looks;
    if (watchdog)
        pause = std::min(pause, *watchdog / looks_for_each_feeding);
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor);
    for (;;) {
        to.status(probe.status());
        if (watchdog && probe.is_well())
            to.alive();
        timer.expires_after(pause);
        const auto [error] = co_await timer.async_wait(net::nothrow);
        if (error)
            co_return;
    }
}

} // namespace replmond::service
