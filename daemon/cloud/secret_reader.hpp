#pragma once

#include "daemon/net/async.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace replmond::cloud {

/// Reads secrets from files without blocking the loop: on a network file system that hangs, a read may never
/// end. Each read has its own thread, named `secrets`; a reader has at most one at a time. For one loop only.
class secret_reader {
public:
    /// How long a caller waits for its read.
    static constexpr auto usual_patience = std::chrono::seconds(2);

    explicit secret_reader(net::steady_duration patience = usual_patience) : patience_(patience) {}

    /// Runs `read` on a thread and returns its value. Returns nothing if it did not end in time, if no thread
    /// could be started, or if the previous read has not ended yet (then `read` is not started). A value that
    /// comes too late is dropped. Throws operation_aborted when the caller is cancelled.
    template<class T>
    boost::asio::awaitable<std::optional<T>> run(std::function<T()> read) {
        auto box = std::make_shared<std::optional<T>>();
        // Named before co_await: g++ 12 destroys the captures of a temporary lambda twice.
        std::function<void()> work = [box, read = std::move(read)] { box->emplace(read()); };
        const bool ended = co_await run_work(std::move(work));
        if (!ended)
            co_return std::nullopt;
        co_return std::move(*box);
    }

    /// Whether any read of the process is still running. If so, the process must leave by _Exit, without
    /// destroying what the thread may use.
    static bool any_out();

private:
    struct read_job;

    boost::asio::awaitable<bool> run_work(std::function<void()> work);

    net::steady_duration patience_;
    std::shared_ptr<read_job> last_;
};

} // namespace replmond::cloud
