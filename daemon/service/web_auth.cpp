// TLS, passwords and headers of the web server, as --web.config.file says. Its files are read again when they
// change.

#include "daemon/service/web_auth.hpp"

#include "daemon/core/config/web_file.hpp"
#include "daemon/net/async.hpp"
#include "daemon/service/server_tls.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace replmond::service {

namespace asio = boost::asio;
using outcome = auth::password_cache::outcome;
using verdict = auth::password_cache::verdict;

namespace {

constexpr auto longest_wait = std::chrono::seconds(60);      // for the check of one password
constexpr auto between_file_looks = std::chrono::seconds(1); // of the files for changes
constexpr auto at_once = std::chrono::steady_clock::time_point::min();
constexpr int tries_to_read = 3; // while the files change

std::string random_key() {
    std::string key(32, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size())) != 1)
        throw std::runtime_error("no random numbers");
    return key;
}

http::http_reply unauthorized() {
    auto answer = http::plain_reply(401, "a user and a password are needed");
    // `charset` asks clients to encode the login in UTF-8 (RFC 7617, section 2.1).
    answer.headers.emplace_back("WWW-Authenticate", "Basic realm=\"replmond\", charset=\"UTF-8\"");
    return answer;
}

http::http_reply too_many() {
    auto answer = http::plain_reply(503, "too many passwords are being checked");
    answer.headers.emplace_back("Retry-After", "1");
    return answer;
}

http::http_reply no_thread() {
    auto answer =
        http::plain_reply(503, "no password can be checked now: the system starts no thread for it");
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

web_auth::web_auth(asio::any_io_executor executor, std::string file, config::lookup places,
                   web_auth_callbacks callbacks)
    : executor_(std::move(executor)), file_(std::move(file)), places_(std::move(places)),
      callbacks_(std::move(callbacks)), cache_(random_key()), self_(std::make_shared<web_auth*>(this)) {
    if (!callbacks_.now)
        callbacks_.now = [] { return std::chrono::system_clock::now(); };
}

web_auth::~web_auth() {
    *self_ = nullptr;
}

web_auth::prepared web_auth::prepare(reader by) const {
    prepared next;
    if (file_.empty())
        return next;
    for (int tries = 0; tries == 0 || (next.changed_while_read && tries < tries_to_read); ++tries)
        next = read();
    if (next.changed_while_read && next.mistakes.empty())
        next.mistakes = file_ + ": it, or a file that it names, changed while replmond read it";
    if (next.mistakes.empty())
        next.mistakes = objection(next.settings, by);
    return next;
}

// What a change without a reload, or an empty file, would remove from the protection; empty if nothing.
std::string web_auth::objection(const config::web_settings& next, reader by) const {
    const std::string lost = auth::taken_away(protection_, auth::protection_of(next));
    if (lost.empty())
        return {};
    if (next.is_empty)
        return fmt::format(
            "{}: is empty, and would take away: {}. Write {{}} where that is meant, and reload", file_, lost);
    if (by == reader::user)
        return {};
    return fmt::format("{}: would take away: {}. Where that is meant, reload (SIGHUP, or POST /-/reload)",
                       file_, lost);
}

// Reads the files twice and takes the stamps in between: they cannot be newer than what was read second, so
// no later change is missed.
web_auth::prepared web_auth::read() const {
    prepared next;
    next.files = config::load_web_file(file_, places_).files;
    next.stamps = stamps_of(next.files);
    auto found = config::load_web_file(file_, places_);
    next.changed_while_read = found.files != next.files || stamps_of(next.files) != next.stamps;
    next.mistakes = joined(config::messages(found));
    if (!found.loaded)
        return next;
    next.settings = std::move(*found.loaded);
    try {
        if (next.settings.tls)
            next.tls = make_server_tls(*next.settings.tls);
    } catch (const std::exception& e) {
        next.mistakes = file_ + ": " + e.what();
    }
    return next;
}

void web_auth::use(prepared next) {
    watched_ = next.files;
    seen_ = next.stamps;
    in_force_ = std::move(next);
    protection_ = auth::protection_of(in_force_.settings);
    cache_.change(in_force_.settings.users);
    if (cache_.asks_for_passwords())
        return;
    for (const auto& [digest, waiting] : std::exchange(checks_, {}))
        waiting->answered.expires_at(at_once); // passwords are not checked any more
}

// Checking asks the file system, which may be slow, and any client can cause it, so it is done once a second
// at most.
bool web_auth::have_changed() {
    const auto now = callbacks_.now();
    if (watched_.empty() || (now >= looked_ && now - looked_ < between_file_looks))
        return false;
    looked_ = now;
    auto stamps = stamps_of(watched_);
    const bool settled = have_settled(stamps, last_look_, now);
    last_look_ = std::move(stamps);
    return settled && last_look_ != seen_;
}

void web_auth::look_for_changes() {
    if (!have_changed())
        return;
    prepared next = prepare(reader::nobody);
    if (next.changed_while_read)
        return; // tried again when the file has settled
    if (next.mistakes.empty()) {
        use(std::move(next));
        if (callbacks_.renewed)
            callbacks_.renewed(file_);
        return;
    }
    // The files that the configuration in force names stay watched, because the user may correct one of
    // those.
    for (const std::string& file : in_force_.files) {
        if (std::find(next.files.begin(), next.files.end(), file) == next.files.end())
            next.files.push_back(file);
    }
    watched_ = next.files;
    seen_ = stamps_of(watched_);
    std::copy(next.stamps.begin(), next.stamps.end(), seen_.begin());
    if (callbacks_.refused)
        callbacks_.refused(file_, next.mistakes);
}

std::shared_ptr<asio::ssl::context> web_auth::tls() {
    look_for_changes();
    return in_force_.tls;
}

asio::awaitable<std::optional<http::http_reply>> web_auth::authorize(const http::http_request& request) {
    look_for_changes();
    if (!cache_.asks_for_passwords())
        co_return std::nullopt;
    const auto given = auth::parse_basic(http::find_header(request.headers, "Authorization"));
    if (!given)
        co_return unauthorized();
    const auto found = cache_.look(*given, request.peer, std::chrono::steady_clock::now());
    if (found.is == verdict::right)
        co_return std::nullopt;
    if (found.is == verdict::too_many)
        co_return too_many();

    const auto waiting = check_of(found.of);
    if (found.leaves)
        wake(*found.leaves, outcome::outdated);
    check_next();
    co_await waiting->answered.async_wait(net::nothrow);
    if (waiting->how == outcome::right)
        co_return std::nullopt;
    if (waiting->how == outcome::wrong)
        co_return unauthorized();
    if (!waiting->has_thread)
        co_return no_thread();
    co_return too_many();
}

std::shared_ptr<web_auth::check> web_auth::check_of(const auth::password_cache::digest& of) {
    auto& waiting = checks_[of];
    if (!waiting)
        waiting = std::make_shared<check>(executor_, longest_wait);
    return waiting;
}

// One check at a time, so that the next one is chosen as late as possible.
void web_auth::check_next() {
    while (!is_checking_) {
        auto asked = cache_.next(std::chrono::steady_clock::now());
        if (!asked)
            return;
        const auto of = asked->of;
        is_checking_ = begin(std::move(*asked));
        if (!is_checking_) { // the requests that wait for it may try again
            cache_.give_up(of);
            check_of(of)->has_thread = false;
            wake(of, outcome::outdated);
        }
    }
}

// False: there is no thread for it.
bool web_auth::begin(auth::password_cache::question asked) {
    std::string password = std::move(asked.password);
    std::string hash = asked.hash;
    auto on_loop = [self = self_, asked = std::move(asked)](bool right) {
        if (*self != nullptr)
            (*self)->answer(asked, right);
    };
    auto on_thread = [executor = executor_, on_loop = std::move(on_loop)](bool right) {
        asio::post(executor, [on_loop, right] { on_loop(right); });
    };
    return worker_.ask(std::move(hash), std::move(password), std::move(on_thread));
}

void web_auth::answer(const auth::password_cache::question& asked, bool right) {
    is_checking_ = false;
    wake(asked.of, cache_.answer(asked, right, std::chrono::steady_clock::now()));
    check_next();
}

void web_auth::wake(const auth::password_cache::digest& of, auth::password_cache::outcome how) {
    const auto found = checks_.find(of);
    if (found == checks_.end())
        return;
    found->second->how = how;
    found->second->answered.expires_at(at_once);
    checks_.erase(found);
}

void web_auth::add_headers(http::http_reply& answer) const {
    for (const auto& header : in_force_.settings.headers) {
        std::erase_if(answer.headers, [&](const auto& each) { return each.first == header.first; });
        answer.headers.push_back(header);
    }
}

} // namespace replmond::service
