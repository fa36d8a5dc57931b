#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <list>

namespace replmond::monitor {

/// A bound on the polls in flight; those that wait are served in their order. One thread only.
class slots {
public:
    slots(boost::asio::any_io_executor executor, int count);

    /// A slot for as long as it lives.
    class lease {
    public:
        lease() = default;
        explicit lease(slots& owner) : owner_(&owner) {}
        lease(lease&& other) noexcept;
        lease& operator=(lease&& other) noexcept;
        ~lease();

    private:
        slots* owner_ = nullptr;
    };

    /// Waits for a free slot. Throws operation_aborted when the caller is cancelled.
    boost::asio::awaitable<lease> acquire();

private:
    void release();

    boost::asio::any_io_executor executor_;
    int free_;
    std::list<boost::asio::steady_timer*> waiting_; ///< cancelled to hand a slot over
};

} // namespace replmond::monitor
