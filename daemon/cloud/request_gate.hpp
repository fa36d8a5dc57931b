#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace replmond::cloud {

/// What the requests of a gate are about, for whoever is told of them.
struct request_subject {
    std::string instance;    ///< name of the StarRocks instance; empty: none
    std::string instance_id; ///< of the same
    int attempt = 1;         ///< how often the next request has been tried, with this time
};

/// What stands between a request and the network: its turn and its project's budget.
class request_gate {
public:
    virtual ~request_gate() = default;

    /// Waits until one request may be sent, and gives a number for ended(), which must follow. Throws
    /// operation_aborted when the caller is cancelled, or when it will never be let through.
    virtual boost::asio::awaitable<std::uint64_t> admit() = 0;

    /// The request that was admitted is over. `status`: of its answer, 0 without one; `sent`: it went out.
    virtual void ended(std::uint64_t admitted, bool sent, int status) = 0;

    /// The caller is about to wait for something else than this gate: it must not keep others from theirs.
    virtual void step_aside() = 0;

    void about(std::string instance, std::string instance_id) {
        subject_.instance = std::move(instance);
        subject_.instance_id = std::move(instance_id);
    }
    void attempt(int number) { subject_.attempt = number; }
    const request_subject& subject() const { return subject_; }

private:
    request_subject subject_;
};

/// Lets everything through at once: for a single request from the command line, and for tests.
class open_gate final : public request_gate {
public:
    boost::asio::awaitable<std::uint64_t> admit() override { co_return 0; }
    void ended(std::uint64_t, bool, int) override {}
    void step_aside() override {}
};

/// One admitted request: tells the gate of its end, however that comes.
class admission {
public:
    admission(request_gate& gate, std::uint64_t number) : gate_(gate), number_(number) {}
    admission(const admission&) = delete;
    admission& operator=(const admission&) = delete;
    ~admission() { gate_.ended(number_, sent_, status_); }

    void sending() { sent_ = true; }
    void answered(int status) { status_ = status; }

private:
    request_gate& gate_;
    std::uint64_t number_;
    bool sent_ = false;
    int status_ = 0;
};

} // namespace replmond::cloud
