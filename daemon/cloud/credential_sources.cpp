// The sources of credentials, one for each auth.type: files and environment, IAM, the metadata service, and
// the chain of `default`.

#include "daemon/cloud/credential_sources.hpp"

#include "daemon/cloud/observed_exchange.hpp"
#include "daemon/cloud/secret_reader.hpp"
#include "daemon/core/cloud/errors.hpp"
#include "daemon/core/cloud/iam.hpp"
#include "daemon/core/cloud/metadata_keys.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <utility>

namespace replmond::cloud {

namespace asio = boost::asio;

namespace {

constexpr int token_created = 201;
constexpr auto metadata_timeout = std::chrono::seconds(3);
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

std::string fingerprint_of(const result<credential>& read) {
    if (!read)
        return "unreadable";
    if (const auto* token = std::get_if<std::string>(&read->secret))
        return digest_of("token " + *token);
    const auto& key = std::get<signing_key>(read->secret);
    return digest_of("key " + key.access + '\n' + key.secret + '\n' + key.security_token.value_or(""));
}

failure not_read_in_time() {
    return make_failure(
        poll_result::auth,
        fmt::format("the secrets on this host could not be read within {} s: is what they lie on "
                    "reachable?",
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

// The answer with a token is not masked, because the mask might alter the token. Every other answer of IAM
// is.
result<issued_token> issued_by(result<http::http_response> answer, const secret_mask& mask) {
    if (!answer) {
        failure why = answer.error();
        mask.apply(why);
        return why;
    }
    if (answer->status != token_created)
        mask.apply(*answer);
    auto issued = decode_token_answer(*answer);
    if (issued && issued->project_id && !is_project_id(*issued->project_id))
        issued->project_id.reset();
    if (issued && issued->project_id && mask.finds_in(*issued->project_id))
        issued->project_id.reset();
    return issued;
}

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
        use(login.password);
        secret_mask mask = iam_.mask;
        mask.add(login.password);
        const auto request = make_token_request(login);
        const auto number = co_await iam_.permits->acquire();
        request_permit admitted(*iam_.permits, number);
        admitted.sending();
        const auto asked_at = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
        auto answer =
            co_await observed_exchange(*iam_.client, request, iam_.timeout, "token", iam_.observer, mask);
        if (answer)
            admitted.answered(answer->status);
        auto issued = issued_by(std::move(answer), mask);
        if (!issued)
            co_return issued.error();
        credential fresh;
        fresh.secret = issued->token;
        fresh.issued_at = asked_at;
        fresh.expires_at = issued->expires_at;
        fresh.project_id = issued->project_id;
        fresh.source = "token of the IAM user " + login.user;
        co_return fresh;
    }

    bool is_local() const override { return true; }
    asio::awaitable<std::optional<std::string>> fingerprint() override {
        std::function<std::string()> print = [read = read_] { return print_of(read()); };
        auto read = co_await reader_.run<std::string>(std::move(print));
        co_return read;
    }
    bool renewable() const override { return true; }
    void add_secrets(secret_mask& to) const override { to.add(password_); }

private:
    static std::string print_of(const result<password_login>& login) {
        return login ? digest_of(login->domain + '\n' + login->user + '\n' + login->password) : "unreadable";
    }

    void use(const std::string& password) {
        OPENSSL_cleanse(password_.data(), password_.size());
        password_ = password;
    }

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

class chain_source final : public credential_source {
public:
    chain_source(std::function<std::optional<result<credential>>()> read_local,
                 std::unique_ptr<credential_source> otherwise)
        : read_local_(std::move(read_local)), otherwise_(std::move(otherwise)) {}

    asio::awaitable<result<credential>> obtain() override {
        auto local = co_await reader_.run<std::optional<result<credential>>>(read_local_);
        if (!local)
            co_return not_read_in_time();
        has_local_ = local->has_value();
        if (has_local_)
            co_return std::move(**local);
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
        co_return read;
    }
    bool renewable() const override { return !has_local_ && otherwise_->renewable(); }
    void add_secrets(secret_mask& to) const override { otherwise_->add_secrets(to); }

private:
    std::function<std::optional<result<credential>>()> read_local_;
    std::unique_ptr<credential_source> otherwise_; ///< used if this host has no credential
    bool has_local_ = false;
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

std::unique_ptr<credential_source>
make_chain_source(std::function<std::optional<result<credential>>()> read_local,
                  std::unique_ptr<credential_source> otherwise) {
    return std::make_unique<chain_source>(std::move(read_local), std::move(otherwise));
}

} // namespace replmond::cloud
