// The rules for a credential: when it is renewed, how long it is held after a refusal, which request tries it
// first afterwards, and the events about it. Used by cloud/credentials.

#include "daemon/core/cloud/credential.hpp"

#include "daemon/core/model/text.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace replmond::cloud {

namespace {

constexpr std::size_t shown_characters = 4;
constexpr std::size_t shortest_shown_id = 8;
constexpr std::size_t longest_project_id = 64;
constexpr milliseconds longest_token_margin = std::chrono::hours(1);

auto parts(const signing_key& key) {
    return std::tie(key.access, key.secret, key.security_token);
}

} // namespace

bool same_secret(const credential& a, const credential& b) {
    if (a.secret.index() != b.secret.index())
        return false;
    if (const auto* token = std::get_if<std::string>(&a.secret))
        return *token == *std::get_if<std::string>(&b.secret);
    return parts(*std::get_if<signing_key>(&a.secret)) == parts(*std::get_if<signing_key>(&b.secret));
}

std::string last_four(std::string_view key_id) {
    if (key_id.size() < shortest_shown_id || !is_visible_ascii(key_id))
        return "...";
    return "..." + std::string(key_id.substr(key_id.size() - shown_characters));
}

bool is_project_id(std::string_view text) {
    const auto is_fit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    };
    return !text.empty() && text.size() <= longest_project_id &&
           std::all_of(text.begin(), text.end(), is_fit);
}

std::optional<timestamp> renew_at(const credential& held) {
    if (!held.expires_at)
        return std::nullopt;
    const bool is_token = std::holds_alternative<std::string>(held.secret);
    milliseconds margin = is_token ? longest_token_margin : held.renew_ahead;
    if (held.issued_at) {
        const milliseconds life = *held.expires_at - *held.issued_at;
        margin = std::clamp(is_token ? life / 5 : life / 2, milliseconds(0), margin);
    }
    return *held.expires_at - margin;
}

void wipe(credential& spent) {
    const auto cleanse = [](std::string& text) { OPENSSL_cleanse(text.data(), text.size()); };
    if (auto* token = std::get_if<std::string>(&spent.secret)) {
        cleanse(*token);
        return;
    }
    auto& key = std::get<signing_key>(spent.secret);
    cleanse(key.secret);
    if (key.security_token)
        cleanse(*key.security_token);
}

credential_breaker::decision credential_breaker::ask(uptime now, asked_by operation) {
    if (held_for(operation, now))
        return decision::held;
    if (!held(now))
        held_until_.reset();
    if (proven())
        return decision::go;
    if (trust_ == trust::probed)
        return decision::wait;
    trust_ = trust::probed;
    return decision::go;
}

void credential_breaker::accepted(std::uint64_t generation, asked_by operation) {
    const bool list = operation == asked_by::list;
    if (generation != generation_ || (held_until_ && !(list && refused_by_ == asked_by::other)))
        return;
    held_until_.reset();
    trust_ = trust::proven;
    list_accepted_ = list_accepted_ || list;
}

bool credential_breaker::refused(std::uint64_t generation, uptime now, asked_by operation) {
    // Several requests may be under way when the credential is refused: their refusals are one hold.
    const bool begins = !held_until_;
    const bool confirms = !begins && operation == asked_by::list && refused_by_ == asked_by::other;
    if (generation != generation_ || !(begins || confirms) || !judges(operation))
        return false;
    trust_ = trust::unknown;
    list_accepted_ = false;
    held_until_ = now + credential_hold;
    refused_by_ = operation;
    return begins;
}

void credential_breaker::undecided(std::uint64_t generation) {
    if (generation == generation_ && !proven())
        trust_ = trust::unknown;
}

void credential_breaker::changed() {
    ++generation_;
    trust_ = trust::unknown;
    list_accepted_ = false;
    held_until_.reset();
}

event credential_expired(const std::string& project, const std::string& source, timestamp end,
                         timestamp now) {
    event e = make_event("credential_expired", severity::warn, now,
                         "by this host's clock, the new credential has already expired; replmond uses it "
                         "until the cloud refuses it; check this host's clock",
                         project);
    return e.with("credential", source).with("expires", to_rfc3339(end));
}

event credential_refused(const std::string& project, const std::string& source, const failure& why,
                         timestamp now) {
    const bool was_asked = why.http_status != 0;
    event e = make_event(
        "credential_refused", severity::error, now,
        was_asked ? "the cloud refused the credential; replmond does not use it for 5 minutes, or until it "
                    "changes; check that it is right, active and of this account, and check this host's clock"
                  : "replmond cannot read the credential on this host; it sends nothing until it can; check "
                    "the files and variables that the configuration names",
        project);
    if (!source.empty())
        e.with("credential", source);
    if (!why.error_code.empty())
        e.with("error_code", why.error_code);
    if (!why.error_msg.empty())
        e.with("error_msg", why.error_msg);
    if (!why.request_id.empty())
        e.with("request_id", why.request_id);
    return e;
}

event credential_accepted(const std::string& project, const std::string& source, timestamp now) {
    event e = make_event("credential_accepted", severity::info, now, "the cloud accepts the credential again",
                         project);
    return e.with("credential", source);
}

} // namespace replmond::cloud
