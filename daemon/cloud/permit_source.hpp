#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace replmond::cloud {

/// What the next requests are about, for the request_observer.
struct request_subject {
    std::string instance;    ///< name of the StarRocks instance; empty: about no instance
    std::string instance_id; ///< id of the same instance
    int attempt = 1;         ///< which attempt the next request is, from 1
};

/// Decides when a request may be sent: it needs a slot and a place in the project's budget.
class permit_source {
public:
    virtual ~permit_source() = default;

    /// Waits until one request may be sent. Returns a number that must be passed to release(). Throws
    /// operation_aborted when the caller is cancelled, or when the request can never be sent.
    virtual boost::asio::awaitable<std::uint64_t> acquire() = 0;

    /// The request has ended. `status`: of its answer, 0 if there was none. `sent`: whether it was sent.
    virtual void release(std::uint64_t admitted, bool sent, int status) = 0;

    /// The caller will wait for something other than a permit; until then other polls may use its slot.
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

/// Permits everything at once: for a single request from the command line, and for tests.
class unlimited_permits final : public permit_source {
public:
    boost::asio::awaitable<std::uint64_t> acquire() override { co_return 0; }
    void release(std::uint64_t, bool, int) override {}
    void release_slot() override {}
};

/// A permit that was acquired; the destructor releases it.
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
