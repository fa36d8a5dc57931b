#pragma once

#include "daemon/core/http/buffer_chain.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace replmond::http {

/// The body of an answer, made step by step, since making it at once would hold the loop. What it reads may
/// change between two steps: it keeps no pointer into it.
class reply_body {
public:
    virtual ~reply_body() = default;

    /// Does some tens of microseconds of work, a few hundred at most. True: the body is whole.
    virtual bool step() = 0;

    /// What it holds by now.
    virtual std::size_t bytes() const = 0;

    /// The body, once.
    virtual buffer_chain take() = 0;
};

/// A text that is there already.
class ready_body final : public reply_body {
public:
    explicit ready_body(std::string text) { text_.add(std::move(text)); }
    bool step() override { return true; }
    std::size_t bytes() const override { return text_.size; }
    buffer_chain take() override { return std::move(text_); }

private:
    buffer_chain text_;
};

/// A text that grows at its end. It lies in pieces, so that growing copies little, whatever its size.
class growing_body {
public:
    static constexpr std::size_t piece_bytes = 256 * 1024;

    /// Where to append.
    std::string& end() { return end_; }

    /// To be called now and then: what is large enough becomes a piece.
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
