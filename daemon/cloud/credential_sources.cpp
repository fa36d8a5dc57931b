// The sources of credentials, one for each auth.type: files and environment, IAM, the metadata service, a pod
// identity, and the chain of `default`.

#include "daemon/cloud/credential_sources.hpp"

#include "daemon/cloud/observed_exchange.hpp"
#include "daemon/cloud/secret_reader.hpp"
#include "daemon/core/cloud/errors.hpp"
#include "daemon/core/cloud/iam.hpp"
#include "daemon/core/cloud/temporary_keys.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <utility>

namespace replmond::cloud {

namespace asio = boost::asio;

namespace {

constexpr int token_created = 201;
constexpr auto metadata_timeout = std::chrono::seconds(3);
constexpr auto pod_identity_timeout = std::chrono::seconds(5); // as the official SDKs (API.md, section 13)
// Seconds; the longest that the service allows (API.md, section 5.4).
constexpr auto metadata_token_life = "21600";
constexpr auto retry_without_token = std::chrono::hours(24);

// A digest shows changes without keeping a copy of the secret in memory.
std::string digest_of(std::string secrets) {
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    SHA256(reinterpret_cast<const unsigned char*>(secrets.data()), secrets.size(),
           reinterpret_cast<unsigned char*>(digest.data()));
    OPENSSL_cleanse(secrets.data(), secrets.size());
    return digest;
}

std::string fingerprint_of(const credential& read) {
    if (const auto* token = std::get_if<std::string>(&read.secret))
        return digest_of("token " + *token);
    const auto& key = std::get<signing_key>(read.secret);
    return digest_of("key " + key.access + '\n' + key.secret + '\n' + key.security_token.value_or(""));
}

std::string fingerprint_of(const password_login& login) {
    return digest_of(login.domain + '\n' + login.user + '\n' + login.password);
}

std::string fingerprint_of(const oidc_login& login) {
    return digest_of(login.idp_id + '\n' + login.id_token);
}

std::string fingerprint_of(const std::string& token) {
    return digest_of(token);
}

std::string fingerprint_of(const host_credential& read) {
    return std::visit([](const auto& of) { return fingerprint_of(of); }, read);
}

template<class T>
std::string fingerprint_of(const result<T>& read) {
    return read ? fingerprint_of(*read) : "unreadable";
}

// Keeps a copy of a secret in `kept` and wipes the one before.
void keep_secret(std::string& kept, const std::string& secret) {
    OPENSSL_cleanse(kept.data(), kept.size());
    kept = secret;
}

failure not_read_in_time() {
    return make_failure(
        poll_result::auth,
        fmt::format("the secrets on this host could not be read within {} s; is their file system reachable?",
                    secret_reader::usual_patience.count()));
}

class local_source final : public credential_source {
public:
    explicit local_source(local_reader read) : read_(std::move(read)) {}

    asio::awaitable<result<credential>> obtain() override {
        auto read = co_await reader_.run<result<credential>>(read_);
        if (!read)
            co_return not_read_in_time();
        co_return std::move(*read);
    }
    bool is_local() const override { return true; }
    asio::awaitable<std::optional<std::string>> fingerprint() override {
        // Named before co_await, here and below: g++ 12 destroys the captures of a temporary lambda twice.
        std::function<std::string()> print = [read = read_] { return fingerprint_of(read()); };
        auto read = co_await reader_.run<std::string>(std::move(print));
        co_return read;
    }
    bool renewable() const override { return false; }

private:
    local_reader read_;
    secret_reader reader_;
};

struct iam_answer {
    result<http::http_response> answer;
    timestamp asked_at;
};

// Sends a request to IAM within the project's budget.
asio::awaitable<iam_answer> ask_iam(const iam_access& iam, const http::http_request& request,
                                    const char* operation, const secret_mask& mask) {
    const auto number = co_await iam.permits->acquire();
    request_permit admitted(*iam.permits, number);
    admitted.sending();
    const auto asked_at = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    auto answer =
        co_await observed_exchange(*iam.client, request, iam.timeout, operation, iam.observer, mask);
    if (answer)
        admitted.answered(answer->status);
    iam_answer got{std::move(answer), asked_at};
    co_return got;
}

// An answer that has what was asked for is not masked, because the mask might alter that. Every other answer
// of IAM is.
result<http::http_response> masked_unless(bool (*is_good)(int), result<http::http_response> answer,
                                          const secret_mask& mask) {
    if (!answer) {
        failure why = answer.error();
        mask.apply(why);
        return why;
    }
    if (!is_good(answer->status))
        mask.apply(*answer);
    return answer;
}

result<issued_token> issued_by(result<http::http_response> got, const secret_mask& mask) {
    const auto answer =
        masked_unless([](int status) { return status == token_created; }, std::move(got), mask);
    if (!answer)
        return answer.error();
    auto issued = decode_token_answer(*answer);
    if (issued && issued->project_id && !is_project_id(*issued->project_id))
        issued->project_id.reset();
    if (issued && issued->project_id && mask.finds_in(*issued->project_id))
        issued->project_id.reset();
    return issued;
}

result<credential> keys_in(result<http::http_response> got, const temporary_key_service& service,
                           timestamp asked_at, const secret_mask& mask) {
    const auto answer =
        masked_unless([](int status) { return status == 200 || status == 201; }, std::move(got), mask);
    if (!answer)
        return answer.error();
    auto fresh = decode_temporary_keys(*answer, service);
    if (fresh)
        fresh->issued_at = asked_at;
    return fresh;
}

// Exchanges an id token for a token of IAM, and that for temporary keys.
class oidc_exchange {
public:
    explicit oidc_exchange(iam_access iam) : iam_(std::move(iam)) {}

    asio::awaitable<result<credential>> obtain(oidc_login login) {
        keep_secret(id_token_, login.id_token);
        secret_mask mask = iam_.mask;
        mask.add(login.id_token);
        const auto for_token = make_id_token_request(login);
        auto first = co_await ask_iam(iam_, for_token, "token", mask);
        const auto issued = issued_by(std::move(first.answer), mask);
        if (!issued)
            co_return issued.error();

        keep_secret(token_, issued->token);
        mask.add(issued->token);
        const auto for_keys = make_temporary_keys_request(issued->token);
        auto second = co_await ask_iam(iam_, for_keys, "temporary_keys", mask);
        auto fresh = keys_in(std::move(second.answer), identity_provider_service, second.asked_at, mask);
        if (fresh)
            fresh->project_id = issued->project_id;
        co_return fresh;
    }

    void add_secrets(secret_mask& to) const {
        to.add(id_token_);
        to.add(token_);
    }

private:
    iam_access iam_;
    std::string id_token_; ///< the one that was sent last
    std::string token_;    ///< of IAM, the one that was sent last
};

class oidc_source final : public credential_source {
public:
    oidc_source(std::function<result<oidc_login>()> read, iam_access iam)
        : read_(std::move(read)), exchange_(std::move(iam)) {}

    asio::awaitable<result<credential>> obtain() override {
        auto read = co_await reader_.run<result<oidc_login>>(read_);
        if (!read)
            co_return not_read_in_time();
        if (!*read)
            co_return read->error();
        auto fresh = co_await exchange_.obtain(std::move(**read));
        co_return fresh;
    }

    bool is_local() const override { return true; }
    asio::awaitable<std::optional<std::string>> fingerprint() override {
        std::function<std::string()> print = [read = read_] { return fingerprint_of(read()); };
        auto read = co_await reader_.run<std::string>(std::move(print));
        co_return read;
    }
    bool renewable() const override { return true; }
    void add_secrets(secret_mask& to) const override { exchange_.add_secrets(to); }

private:
    std::function<result<oidc_login>()> read_;
    oidc_exchange exchange_;
    secret_reader reader_;
};

class password_source final : public credential_source {
public:
    password_source(std::function<result<password_login>()> read, iam_access iam)
        : read_(std::move(read)), iam_(std::move(iam)) {}

    asio::awaitable<result<credential>> obtain() override {
        const auto read = co_await reader_.run<result<password_login>>(read_);
        if (!read)
            co_return not_read_in_time();
        if (!*read)
            co_return read->error();
        const password_login& login = **read;
        keep_secret(password_, login.password);
        secret_mask mask = iam_.mask;
        mask.add(login.password);
        const auto request = make_token_request(login);
        auto got = co_await ask_iam(iam_, request, "token", mask);
        auto issued = issued_by(std::move(got.answer), mask);
        if (!issued)
            co_return issued.error();
        credential fresh;
        fresh.secret = issued->token;
        fresh.issued_at = got.asked_at;
        fresh.expires_at = issued->expires_at;
        fresh.project_id = issued->project_id;
        fresh.source = "token of the IAM user " + login.user;
        co_return fresh;
    }

    bool is_local() const override { return true; }
    asio::awaitable<std::optional<std::string>> fingerprint() override {
        std::function<std::string()> print = [read = read_] { return fingerprint_of(read()); };
        auto read = co_await reader_.run<std::string>(std::move(print));
        co_return read;
    }
    bool renewable() const override { return true; }
    void add_secrets(secret_mask& to) const override { to.add(password_); }

private:
    std::function<result<password_login>()> read_;
    iam_access iam_;
    secret_reader reader_;
    std::string password_; ///< the one that was sent last
};

class metadata_source final : public credential_source {
public:
    explicit metadata_source(metadata_access metadata) : metadata_(std::move(metadata)) {}

    asio::awaitable<result<credential>> obtain() override {
        auto first = co_await key(false);
        const bool token_is_old =
            !first && first.error().http_status == 401 && !token_.empty() && !no_agency_;
        if (!token_is_old)
            co_return first;
        auto second = co_await key(true);
        co_return second;
    }

    bool is_local() const override { return false; }
    asio::awaitable<std::optional<std::string>> fingerprint() override { co_return std::string(); }
    bool renewable() const override { return true; }
    void add_secrets(secret_mask& to) const override { to.add(token_); }

private:
    asio::awaitable<result<credential>> key(bool with_new_token) {
        const auto now = std::chrono::steady_clock::now();
        if (with_new_token || (token_.empty() && now >= ask_for_token_after_))
            co_await renew_token();
        const auto asked_at = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
        http::http_request request;
        request.target = "/openstack/latest/securitykey";
        if (!token_.empty())
            request.headers.emplace_back("X-Metadata-Token", token_);
        secret_mask mask;
        mask.add(token_);
        auto answer = co_await observed_exchange(*metadata_.client, request, metadata_timeout, "metadata",
                                                 metadata_.observer, mask);
        if (!answer)
            co_return answer.error();
        mask.apply(*answer);
        no_agency_ = is_agency_missing(*answer);
        auto fresh = decode_security_key(*answer);
        if (fresh)
            fresh->issued_at = asked_at;
        co_return fresh;
    }

    // 404, 405 and 503 mean that this service has no tokens; it is asked again after a day (API.md,
    // section 5.4).
    asio::awaitable<void> renew_token() {
        http::http_request request;
        request.method = "PUT";
        request.target = "/meta-data/latest/api/token";
        request.headers.emplace_back("X-Metadata-Token-Ttl-Seconds", metadata_token_life);
        const secret_mask nothing;
        const auto answer = co_await observed_exchange(*metadata_.client, request, metadata_timeout,
                                                       "metadata", metadata_.observer, nothing);
        token_.clear();
        if (answer && answer->status == 200)
            token_ = answer->body;
        else if (answer && (answer->status == 404 || answer->status == 405 || answer->status == 503))
            ask_for_token_after_ = std::chrono::steady_clock::now() + retry_without_token;
    }

    metadata_access metadata_;
    std::string token_;
    bool no_agency_ = false; ///< then a new token would not help
    std::chrono::steady_clock::time_point ask_for_token_after_;
};

class pod_identity_source final : public credential_source {
public:
    pod_identity_source(std::function<result<std::string>()> read_token, pod_identity_access pod)
        : read_token_(std::move(read_token)), pod_(std::move(pod)) {}

    asio::awaitable<result<credential>> obtain() override {
        const auto read = co_await reader_.run<result<std::string>>(read_token_);
        if (!read)
            co_return not_read_in_time();
        if (!*read)
            co_return read->error();
        keep_secret(token_, **read);
        secret_mask mask;
        mask.add(token_);
        http::http_request request;
        request.method = "POST";
        request.target = pod_.target;
        request.headers.emplace_back("Content-Type", "application/json");
        request.headers.emplace_back("Authorization", token_); // without a scheme (API.md, section 13)
        request.body = "{}";
        const auto asked_at = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
        auto answer = co_await observed_exchange(*pod_.client, request, pod_identity_timeout, "pod_identity",
                                                 pod_.observer, mask);
        co_return keys_in(std::move(answer), pod_identity_service, asked_at, mask);
    }

    bool is_local() const override { return true; }
    asio::awaitable<std::optional<std::string>> fingerprint() override {
        std::function<std::string()> print = [read = read_token_] { return fingerprint_of(read()); };
        auto read = co_await reader_.run<std::string>(std::move(print));
        co_return read;
    }
    bool renewable() const override { return true; }
    void add_secrets(secret_mask& to) const override { to.add(token_); }

private:
    std::function<result<std::string>()> read_token_;
    pod_identity_access pod_;
    secret_reader reader_;
    std::string token_; ///< the one that was sent last
};

class chain_source final : public credential_source {
public:
    chain_source(std::function<std::optional<result<host_credential>>()> read_local, iam_access iam,
                 std::unique_ptr<credential_source> otherwise)
        : read_local_(std::move(read_local)), exchange_(std::move(iam)), otherwise_(std::move(otherwise)) {}

    asio::awaitable<result<credential>> obtain() override {
        auto local = co_await reader_.run<std::optional<result<host_credential>>>(read_local_);
        if (!local)
            co_return not_read_in_time();
        has_local_key_ = local->has_value() && **local && std::holds_alternative<credential>(***local);
        if (*local && !**local)
            co_return (*local)->error();
        if (has_local_key_)
            co_return std::get<credential>(std::move(***local));
        if (*local) {
            auto login = std::get<oidc_login>(std::move(***local));
            auto exchanged = co_await exchange_.obtain(std::move(login));
            co_return exchanged;
        }
        auto fetched = co_await otherwise_->obtain();
        co_return fetched;
    }

    bool is_local() const override { return true; }
    asio::awaitable<std::optional<std::string>> fingerprint() override {
        std::function<std::string()> print = [read = read_local_] {
            const auto local = read();
            return local ? fingerprint_of(*local) : std::string();
        };
        auto read = co_await reader_.run<std::string>(std::move(print));
        const bool is_elsewhere = read && read->empty() && otherwise_->is_local();
        if (is_elsewhere)
            read = co_await otherwise_->fingerprint();
        co_return read;
    }
    bool renewable() const override { return !has_local_key_ && otherwise_->renewable(); }
    void add_secrets(secret_mask& to) const override {
        exchange_.add_secrets(to);
        otherwise_->add_secrets(to);
    }

private:
    std::function<std::optional<result<host_credential>>()> read_local_;
    oidc_exchange exchange_;                       ///< used if this host has an identity provider
    std::unique_ptr<credential_source> otherwise_; ///< used if this host has no credential
    bool has_local_key_ = false;
    secret_reader reader_;
};

} // namespace

std::unique_ptr<credential_source> make_local_source(local_reader read) {
    return std::make_unique<local_source>(std::move(read));
}

std::unique_ptr<credential_source> make_password_source(std::function<result<password_login>()> read,
                                                        iam_access iam) {
    return std::make_unique<password_source>(std::move(read), std::move(iam));
}

std::unique_ptr<credential_source> make_metadata_source(metadata_access metadata) {
    return std::make_unique<metadata_source>(std::move(metadata));
}

std::unique_ptr<credential_source> make_oidc_source(std::function<result<oidc_login>()> read,
                                                    iam_access iam) {
    return std::make_unique<oidc_source>(std::move(read), std::move(iam));
}

std::unique_ptr<credential_source> make_pod_identity_source(std::function<result<std::string>()> read_token,
                                                            pod_identity_access pod) {
    return std::make_unique<pod_identity_source>(std::move(read_token), std::move(pod));
}

std::unique_ptr<credential_source>
make_chain_source(std::function<std::optional<result<host_credential>>()> read_local, iam_access iam,
                  std::unique_ptr<credential_source> otherwise) {
    return std::make_unique<chain_source>(std::move(read_local), std::move(iam), std::move(otherwise));
}

} // namespace replmond::cloud
