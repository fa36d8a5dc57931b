#pragma once

#include "daemon/net/pieced_text.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace replmond::exposition {

/// The body of an answer, made step by step, since making it at once would hold the loop. What it reads may
/// change between two steps: it keeps no pointer into it.
class answer_job {
public:
    virtual ~answer_job() = default;

    /// Does some tens of microseconds of work, a few hundred at most. True: the body is whole.
    virtual bool step() = 0;

    /// What it holds by now.
    virtual std::size_t bytes() const = 0;

    /// The body, once.
    virtual net::pieced_text take() = 0;
};

/// A text that is there already.
class ready_text final : public answer_job {
public:
    explicit ready_text(std::string text) { text_.add(std::move(text)); }
    bool step() override { return true; }
    std::size_t bytes() const override { return text_.size; }
    net::pieced_text take() override { return std::move(text_); }

private:
    net::pieced_text text_;
};

/// A text that grows at its end. It lies in pieces, so that growing copies little, whatever its size.
class growing_text {
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

    net::pieced_text take() {
        end_.shrink_to_fit();
        done_.add(std::exchange(end_, {}));
        return std::exchange(done_, {});
    }

private:
    net::pieced_text done_;
    std::string end_;
};

} // namespace replmond::exposition
