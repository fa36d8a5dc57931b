#include "daemon/cloud/credential_gate.hpp"

namespace replmond::cloud {

credential_gate::admission credential_gate::ask(uptime now, asked_by operation) {
    if (held_for(operation, now))
        return admission::held;
    if (!held(now))
        held_until_.reset();
    if (proven_)
        return admission::go;
    if (probing_)
        return admission::wait;
    probing_ = true;
    return admission::go;
}

void credential_gate::accepted(std::uint64_t generation, asked_by operation) {
    const bool list = operation == asked_by::list;
    if (generation != generation_ || (held_until_ && !(list && refused_by_ == asked_by::other)))
        return;
    held_until_.reset();
    proven_ = true;
    list_accepted_ = list_accepted_ || list;
    probing_ = false;
}

bool credential_gate::refused(std::uint64_t generation, uptime now, asked_by operation) {
    // Requests that were under way together are refused together: that is one hold.
    const bool begins = !held_until_;
    const bool confirms = !begins && operation == asked_by::list && refused_by_ == asked_by::other;
    if (generation != generation_ || !(begins || confirms) || !judges(operation))
        return false;
    proven_ = false;
    list_accepted_ = false;
    probing_ = false;
    held_until_ = now + credential_hold;
    refused_by_ = operation;
    return begins;
}

void credential_gate::undecided(std::uint64_t generation) {
    if (generation == generation_ && !proven_)
        probing_ = false;
}

void credential_gate::changed() {
    ++generation_;
    proven_ = false;
    list_accepted_ = false;
    probing_ = false;
    held_until_.reset();
}

} // namespace replmond::cloud
