#pragma once

#include "daemon/core/http/buffer_chain.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace replmond::http {

/// The body of an answer that is made in small steps, because making it at once would block the loop. The
/// data that it reads may change between two steps, so it must not keep pointers into that data.
class reply_body {
public:
    virtual ~reply_body() = default;

    /// Does some tens of microseconds of work, at most a few hundred. True: the body is complete.
    virtual bool step() = 0;

    /// The memory in bytes that it has allocated so far.
    virtual std::size_t bytes() const = 0;

    /// The body. To be called once, after step() has returned true.
    virtual buffer_chain take() = 0;
};

/// A body whose text is complete from the start.
class ready_body final : public reply_body {
public:
    explicit ready_body(std::string text) { text_.add(std::move(text)); }
    bool step() override { return true; }
    std::size_t bytes() const override { return text_.size; }
    buffer_chain take() override { return std::move(text_); }

private:
    buffer_chain text_;
};

/// A text that grows at its end. It is kept in pieces, so that growing never copies the whole text.
class growing_body {
public:
    static constexpr std::size_t piece_bytes = 256 * 1024;

    /// The string to append to.
    std::string& end() { return end_; }

    /// To be called after some appending: when the last piece is large enough, a new one begins.
    void cut() {
        if (end_.size() < piece_bytes)
            return;
        end_.shrink_to_fit();
        done_.add(std::exchange(end_, {}));
        end_.reserve(piece_bytes + piece_bytes / 16);
    }

    std::size_t bytes() const { return done_.size + end_.capacity(); }

    buffer_chain take() {
        end_.shrink_to_fit();
        done_.add(std::exchange(end_, {}));
        return std::exchange(done_, {});
    }

private:
    buffer_chain done_;
    std::string end_;
};

} // namespace replmond::http
