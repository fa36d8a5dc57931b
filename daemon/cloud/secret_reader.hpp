#pragma once

#include "daemon/net/async.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace replmond::cloud {

/// Reads secrets from files without stopping the loop: on a mount that hangs a read may last for ever. Each
/// read has a thread of its own, `secrets`; there is at most one at a time. One loop only.
class secret_reader {
public:
    /// How long whoever asked waits.
    static constexpr auto usual_patience = std::chrono::seconds(2);

    explicit secret_reader(net::steady_duration patience = usual_patience) : patience_(patience) {}

    /// What `read` gives, which runs on the thread. Nothing where it did not end in time, no thread could be
    /// had, or the read before has not ended yet: then it is not begun. What comes too late is dropped.
    /// Throws operation_aborted when the caller is cancelled.
    template<class T>
    boost::asio::awaitable<std::optional<T>> run(std::function<T()> read) {
        auto box = std::make_shared<std::optional<T>>();
        std::function<void()> work = [box, read = std::move(read)] { box->emplace(read()); };
        const bool ended = co_await run_work(std::move(work));
        if (!ended)
            co_return std::nullopt;
        co_return std::move(*box);
    }

    /// A read of the process hangs: its thread must end with the process, and nothing be destroyed below it.
    static bool any_out();

private:
    struct read_job;

    boost::asio::awaitable<bool> run_work(std::function<void()> work);

    net::steady_duration patience_;
    std::shared_ptr<read_job> last_;
};

} // namespace replmond::cloud
