#include "daemon/access/web_door.hpp"

#include "daemon/access/server_tls.hpp"
#include "daemon/config/web_file.hpp"
#include "daemon/net/async.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

namespace replmond::access {

namespace asio = boost::asio;
using verdict = password_book::verdict;

namespace {

constexpr auto longest_check = std::chrono::seconds(60); // eight of the highest cost

std::string random_key() {
    std::string key(32, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size())) != 1)
        throw std::runtime_error("no random numbers");
    return key;
}

net::http_answer unauthorized() {
    auto answer = net::plain_answer(401, "a user and a password are needed");
    answer.headers.emplace_back("WWW-Authenticate", "Basic realm=\"replmond\", charset=\"UTF-8\"");
    return answer;
}

net::http_answer too_many() {
    auto answer = net::plain_answer(503, "too many passwords are being checked");
    answer.headers.emplace_back("Retry-After", "1");
    return answer;
}

net::http_answer no_thread() {
    auto answer =
        net::plain_answer(503, "no password can be checked now: the system starts no thread for it");
    answer.headers.emplace_back("Retry-After", "1");
    return answer;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines)
        text += (text.empty() ? "" : "\n") + line;
    return text;
}

} // namespace

web_door::web_door(asio::any_io_executor executor, std::string file, config::lookup places,
                   web_door_ports ports)
    : executor_(std::move(executor)), file_(std::move(file)), places_(std::move(places)),
      ports_(std::move(ports)), book_(random_key()), self_(std::make_shared<web_door*>(this)) {}

web_door::~web_door() {
    *self_ = nullptr;
}

// Read twice: the stamps in between are of what was read second, or older, so no change is missed.
web_door::prepared web_door::prepare() const {
    prepared next;
    if (file_.empty())
        return next;
    next.files = config::load_web_file(file_, places_).files;
    next.stamps = stamps_of(next.files);
    auto outcome = config::load_web_file(file_, places_);
    next.mistakes = joined(config::messages(outcome));
    if (!outcome.loaded)
        return next;
    next.settings = std::move(*outcome.loaded);
    try {
        if (next.settings.tls)
            next.tls = make_server_tls(*next.settings.tls);
    } catch (const std::exception& e) {
        next.mistakes = file_ + ": " + e.what();
    }
    return next;
}

void web_door::use(prepared next) {
    watched_ = next.files;
    seen_ = next.stamps;
    in_force_ = std::move(next);
    for (const auto& [digest, waiting] : checks_)
        waiting->answered.cancel(); // what they ask for does not hold any more
    checks_.clear();
    book_.change(std::move(in_force_.settings.users));
}

void web_door::look_for_changes() {
    if (watched_.empty() || stamps_of(watched_) == seen_)
        return;
    prepared next = prepare();
    if (next.mistakes.empty()) {
        use(std::move(next));
        if (ports_.renewed)
            ports_.renewed(file_);
        return;
    }
    // The files that the last good one names stay watched: it may be them that are put right.
    for (const std::string& file : in_force_.files) {
        if (std::find(next.files.begin(), next.files.end(), file) == next.files.end())
            next.files.push_back(file);
    }
    watched_ = next.files;
    seen_ = stamps_of(watched_);
    std::copy(next.stamps.begin(), next.stamps.end(), seen_.begin());
    if (ports_.refused)
        ports_.refused(file_, next.mistakes);
}

std::shared_ptr<asio::ssl::context> web_door::tls() {
    look_for_changes();
    return in_force_.tls;
}

asio::awaitable<std::optional<net::http_answer>> web_door::admit(const net::http_request& request) {
    look_for_changes();
    if (!book_.asks_for_passwords())
        co_return std::nullopt;
    const auto given = parse_basic(net::find_header(request.headers, "Authorization"));
    if (!given)
        co_return unauthorized();
    auto asked = book_.look(*given);
    if (asked.is == verdict::right)
        co_return std::nullopt;
    if (asked.is == verdict::too_many)
        co_return too_many();

    std::shared_ptr<check> waiting;
    if (asked.is == verdict::wait)
        waiting = checks_.at(asked.of);
    else
        waiting = begin(std::move(asked), given->password);
    if (waiting == nullptr)
        co_return no_thread();
    co_await waiting->answered.async_wait(net::nothrow);
    if (!waiting->done)
        co_return too_many();
    if (waiting->right)
        co_return std::nullopt;
    co_return unauthorized();
}

std::shared_ptr<web_door::check> web_door::begin(password_book::question asked, std::string password) {
    auto waiting = std::make_shared<check>(executor_, longest_check);
    checks_[asked.of] = waiting;
    const std::string hash = asked.hash;
    auto on_loop = [self = self_, asked, waiting](bool right) {
        if (*self == nullptr)
            return;
        waiting->right = (*self)->book_.answer(asked, right);
        waiting->done = true;
        const auto found = (*self)->checks_.find(asked.of);
        if (found != (*self)->checks_.end() && found->second == waiting)
            (*self)->checks_.erase(found);
        waiting->answered.cancel();
    };
    auto on_thread = [executor = executor_, on_loop = std::move(on_loop)](bool right) {
        asio::post(executor, [on_loop, right] { on_loop(right); });
    };
    if (worker_.ask(hash, std::move(password), std::move(on_thread)))
        return waiting;
    checks_.erase(asked.of);
    book_.answer(asked, false);
    return nullptr;
}

void web_door::dress(net::http_answer& answer) const {
    for (const auto& header : in_force_.settings.headers) {
        std::erase_if(answer.headers, [&](const auto& each) { return each.first == header.first; });
        answer.headers.push_back(header);
    }
}

} // namespace replmond::access
