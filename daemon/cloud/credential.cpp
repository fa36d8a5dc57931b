#include "daemon/cloud/credential.hpp"

#include "daemon/model/text.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <tuple>

namespace replmond::cloud {
namespace {

constexpr std::size_t shown_characters = 4;
constexpr std::size_t shortest_shown_id = 8;
constexpr std::size_t longest_project_id = 64;
constexpr milliseconds longest_token_margin = std::chrono::hours(1);
constexpr milliseconds key_margin = std::chrono::minutes(10);

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
    milliseconds margin = is_token ? longest_token_margin : key_margin;
    if (held.issued_at) {
        const milliseconds life = std::max(*held.expires_at - *held.issued_at, milliseconds(0));
        margin = std::min(margin, is_token ? life / 5 : life / 2);
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

} // namespace replmond::cloud
