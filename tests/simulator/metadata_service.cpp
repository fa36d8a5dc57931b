#include "tests/simulator/metadata_service.hpp"

#include "tests/simulator/digest.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace json = boost::json;

namespace replmond::simulator {

std::string metadata_service::issue_token(std::chrono::seconds ttl, virtual_time now) {
    std::erase_if(tokens_, [&](const auto& known) { return now >= known.second; });
    auto token = hex(sha256(fmt::format("metadata token {}", ++tokens_issued_))).substr(0, 54) + "==";
    tokens_[token] = now + ttl;
    return token;
}

bool metadata_service::knows_token(std::string_view token, virtual_time now) const {
    const auto found = tokens_.find(token);
    return found != tokens_.end() && now < found->second;
}

const temporary_key& metadata_service::hand_out(key_ring& keys, const instant& at) {
    if (!current_ || *current_->key.expires - at.now <= current_->lifetime / 10)
        current_ = issuer_.issue(keys, settings_.access, settings_.secret, settings_.key_lifetime, at);
    return *current_;
}

void metadata_service::revoke(key_ring& keys, virtual_time now) {
    issuer_.revoke(keys, now);
    current_.reset();
}

json::object metadata_service::to_json(virtual_time now) const {
    const auto live =
        std::count_if(tokens_.begin(), tokens_.end(), [&](const auto& known) { return now < known.second; });
    json::object shown{{"mode", name_of(settings_.mode)},
                       {"agency", settings_.agency},
                       {"plain_status", settings_.plain_status},
                       {"key_lifetime_seconds", static_cast<double>(settings_.key_lifetime.count()) / 1000},
                       {"tokens", live},
                       {"issued", json::array(issuer_.issued().begin(), issuer_.issued().end())},
                       {"current", nullptr}};
    if (current_)
        shown["current"] = {{"access", current_->key.access}, {"expires_at", iso_time(current_->expires_at)}};
    return shown;
}

std::string_view name_of(metadata_mode mode) {
    switch (mode) {
    case metadata_mode::token:
        return "token";
    case metadata_mode::plain:
        return "plain";
    case metadata_mode::both:
        break;
    }
    return "both";
}

std::optional<metadata_mode> metadata_mode_named(std::string_view name) {
    for (const auto mode : {metadata_mode::token, metadata_mode::plain, metadata_mode::both}) {
        if (name_of(mode) == name)
            return mode;
    }
    return std::nullopt;
}

bool is_plain_status(std::int64_t status) {
    return status == 404 || status == 405 || status == 503;
}

} // namespace replmond::simulator
