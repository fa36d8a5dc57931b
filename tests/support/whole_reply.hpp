#pragma once

#include "daemon/core/web/router.hpp"

namespace replmond::test {

/// The answer with its body, all work done at once: what a client gets of a daemon that has nothing else to
/// do.
inline http::http_reply whole_reply(const web::router& router, const http::http_request& request) {
    web::routed_reply reply = router.answer(request);
    if (!reply.work)
        return std::move(reply.answer);
    const auto job = reply.work();
    while (!job->step()) {
    }
    reply.answer.body = job->take().joined();
    router.count(reply, reply.answer.status);
    return std::move(reply.answer);
}

} // namespace replmond::test
