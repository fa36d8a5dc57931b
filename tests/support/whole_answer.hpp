#pragma once

#include "daemon/export/web.hpp"

namespace replmond::test {

/// The answer with its body, all work done at once: what a client gets of a daemon that has nothing else to
/// do.
inline net::http_answer whole_answer(const exposition::web& web, const net::http_request& request) {
    exposition::web_reply reply = web.answer(request);
    if (!reply.work)
        return std::move(reply.answer);
    const auto job = reply.work();
    while (!job->step()) {
    }
    reply.answer.body = job->take().joined();
    web.count(reply, reply.answer.status);
    return std::move(reply.answer);
}

} // namespace replmond::test
