#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace replmond::cloud {

/// What the next requests are about, for whoever is told of them.
struct request_subject {
    std::string instance;    ///< name of the StarRocks instance; empty: none
    std::string instance_id; ///< of the same
    int attempt = 1;         ///< how often the next request has been tried, with this time
};

/// What stands between a request and the network: its turn and its project's budget.
class permit_source {
public:
    virtual ~permit_source() = default;

    /// Waits until one request may be sent, and gives a number for release(), which must follow. Throws
    /// operation_aborted when the caller is cancelled, or when it will never be let through.
    virtual boost::asio::awaitable<std::uint64_t> acquire() = 0;

    /// The request that was admitted is over. `status`: of its answer, 0 without one; `sent`: it went out.
    virtual void release(std::uint64_t admitted, bool sent, int status) = 0;

    /// The caller is about to wait for something else than a permit: its slot is free for others meanwhile.
    virtual void release_slot() = 0;

    void set_subject(std::string instance, std::string instance_id) {
        subject_.instance = std::move(instance);
        subject_.instance_id = std::move(instance_id);
    }
    void set_attempt(int number) { subject_.attempt = number; }
    const request_subject& subject() const { return subject_; }

private:
    request_subject subject_;
};

/// Lets everything through at once: for a single request from the command line, and for tests.
class unlimited_permits final : public permit_source {
public:
    boost::asio::awaitable<std::uint64_t> acquire() override { co_return 0; }
    void release(std::uint64_t, bool, int) override {}
    void release_slot() override {}
};

/// A permit that was acquired: released at the end, however that comes.
class request_permit {
public:
    request_permit(permit_source& permits, std::uint64_t number) : permits_(permits), number_(number) {}
    request_permit(const request_permit&) = delete;
    request_permit& operator=(const request_permit&) = delete;
    ~request_permit() { permits_.release(number_, sent_, status_); }

    void sending() { sent_ = true; }
    void answered(int status) { status_ = status; }

private:
    permit_source& permits_;
    std::uint64_t number_;
    bool sent_ = false;
    int status_ = 0;
};

} // namespace replmond::cloud
