#pragma once

#include "daemon/core/http/message.hpp"
#include "daemon/core/model/failure.hpp"
#include "daemon/core/model/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What the changing APIs are told, checked before anything is sent. Values that exist are good.
namespace replmond::cloud {

/// The name of the task that a request is about; never empty. A delete without one is accepted by the SDKs'
/// models, and nobody knows what the cloud deletes then: so there is no such value.
class task_name {
public:
    /// Nothing where the text is empty, only blanks and controls, or no valid UTF-8.
    static std::optional<task_name> from(std::string text);

    // Copied where others are moved: what was moved from would be empty.
    task_name(const task_name&) = default;
    task_name& operator=(const task_name&) = default;
    ~task_name() = default;

    const std::string& text() const { return text_; }

private:
    explicit task_name(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// Why a field of an order cannot be sent.
struct order_mistake {
    std::string field;   ///< the API's name of it
    std::string allowed; ///< "expected 3 to 128 letters, digits or underscores"
    std::string value;

    bool operator==(const order_mistake&) const = default;
};

/// The body of CreateStarRocksDataReplication.
class create_order {
public:
    struct fields {
        std::string source_instance_id; ///< TaurusDB's: 36 letters and digits
        std::string source_database;    ///< 3 to 1,024 of [A-Za-z0-9_]
        std::string target_database;    ///< 3 to 128, as is
        std::string task_name;
        std::optional<std::string> source_node_id; ///< 36 letters and digits; none: the primary node
    };

    /// The order, or every mistake in it.
    static std::variant<create_order, std::vector<order_mistake>> from(fields texts);

    create_order(const create_order&) = default;
    create_order& operator=(const create_order&) = default;
    ~create_order() = default;

    const std::string& name() const { return fields_.task_name; }
    std::string body() const; ///< JSON

private:
    explicit create_order(fields texts) : fields_(std::move(texts)) {}
    fields fields_;
};

/// `{"task_name": …}`: the body of pause, resume and delete.
std::string named_body(const task_name& name);

/// How one changing request ended. What was sent and not answered may have had its effect: it is never sent
/// again by itself.
struct change_outcome {
    enum class kind {
        accepted, ///< a 2xx
        refused,  ///< 3xx and 4xx: nothing was done
        not_sent, ///< no connection, no credential: nothing was done
        unknown   ///< no answer, or a 5xx: it may have been done
    };
    kind how = kind::not_sent;
    std::optional<std::string> job_id; ///< of what was accepted, where the answer has one
    failure why;                       ///< of all else

    bool accepted() const { return how == kind::accepted; }

    /// A 409 that means "try again later": another operation runs on the instance. The codes are those that
    /// Terraform repeats (huaweicloud/services/taurusdb/common.go).
    bool busy() const;

    /// The cloud knows no such task. Terraform meets DBS.270022 and, on delete, DBS.05000091.
    bool no_such_task() const;

    /// The status of the task does not allow it: paused already, not running.
    bool wrong_state() const;
};

/// What an answer means; `now`: as for failure_of().
change_outcome outcome_of(const http::http_response& answer, std::optional<timestamp> now = std::nullopt);

/// What no answer means; `sent`: some of the request may have gone out.
change_outcome outcome_without_answer(failure why, bool sent);

} // namespace replmond::cloud
