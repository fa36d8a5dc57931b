#pragma once

#include "daemon/core/http/message.hpp"
#include "daemon/core/model/failure.hpp"
#include "daemon/net/client/connection.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional/optional.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace replmond::client {

/// A Beast body type: text that is compared with a known text while it arrives, and copied only from the
/// first difference on. Internal to the client.
struct known_body {
    class value_type {
    public:
        void expect(std::shared_ptr<const std::string> known) { known_ = std::move(known); }

        /// Valid after the whole answer: the body was the known text, and text() is empty.
        bool is_known() const { return known_ != nullptr; }
        std::string& text() { return text_; }

        void begin(std::uint64_t length) {
            if (known_ && known_->size() == length)
                return;
            known_.reset();
            text_.reserve(length);
        }

        void add(std::string_view part) {
            if (known_ && std::string_view(*known_).substr(same_).starts_with(part)) {
                same_ += part.size();
                return;
            }
            copy_known();
            text_.append(part);
        }

        void end() {
            if (known_ && same_ < known_->size())
                copy_known();
        }

        /// Continues as if no text had been known: copies the part that was equal.
        void copy_known() {
            if (!known_)
                return;
            text_.reserve(known_->size());
            text_.assign(*known_, 0, same_);
            known_.reset();
        }

    private:
        std::shared_ptr<const std::string> known_; ///< null: the body differs, or no text is known
        std::size_t same_ = 0;
        std::string text_;
    };

    class reader {
    public:
        template<bool IsRequest, class Fields>
        reader(boost::beast::http::header<IsRequest, Fields>&, value_type& body) : body_(body) {}

        /// The parser has already checked `length` against its body limit.
        void init(const boost::optional<std::uint64_t>& length, boost::system::error_code& error) {
            if (length)
                body_.begin(*length);
            error = {};
        }

        template<class Buffers>
        std::size_t put(const Buffers& buffers, boost::system::error_code& error) {
            std::size_t taken = 0;
            for (const auto part : boost::beast::buffers_range_ref(buffers)) {
                body_.add({static_cast<const char*>(part.data()), part.size()});
                taken += part.size();
            }
            error = {};
            return taken;
        }

        void finish(boost::system::error_code& error) {
            body_.end();
            error = {};
        }

    private:
        value_type& body_;
    };
};

/// What every request of a client has in common.
struct exchange_terms {
    std::string host;       ///< the value of Host
    std::string user_agent; ///< empty: none is sent
    std::size_t body_limit = 0;
    std::size_t header_limit = 0;
};

/// How an exchange ended, and what that means for the connection.
struct exchange_outcome {
    result<http::http_response> answer;
    bool reusable = false; ///< a complete keep-alive answer, and no bytes after it
    bool stale = false;    ///< a pooled connection that ended before the first byte of the answer
};

/// Sends `request` over `on` and reads the whole answer. Uses on.deadline as the caller has set it. When the
/// caller is cancelled, the answer is a failure or operation_aborted is thrown; the connection must then be
/// closed. `on` and `terms` must stay valid until the coroutine ends.
boost::asio::awaitable<exchange_outcome> exchange_over(connection& on, const http::http_request& request,
                                                       const exchange_terms& terms);

} // namespace replmond::client
