#include "daemon/cloud/authenticator.hpp"

#include <utility>

namespace replmond::cloud {
namespace {

class by_token final : public authenticator {
public:
    explicit by_token(std::string token) : token_(std::move(token)) {}

    void authenticate(net::http_request& request, timestamp) const override {
        request.headers.emplace_back("X-Auth-Token", token_);
    }

private:
    std::string token_;
};

class by_key final : public authenticator {
public:
    by_key(signing_key key, std::string authority, std::string project_id)
        : key_(std::move(key)), authority_(std::move(authority)), project_id_(std::move(project_id)) {}

    void authenticate(net::http_request& request, timestamp now) const override {
        sign_request(request, authority_, project_id_, key_, now);
    }

private:
    signing_key key_;
    std::string authority_;
    std::string project_id_;
};

} // namespace

std::unique_ptr<authenticator> make_token_authenticator(std::string token) {
    return std::make_unique<by_token>(std::move(token));
}

std::unique_ptr<authenticator> make_key_authenticator(signing_key key, std::string authority,
                                                      std::string project_id) {
    return std::make_unique<by_key>(std::move(key), std::move(authority), std::move(project_id));
}

} // namespace replmond::cloud
