#include "daemon/store/journal.hpp"
#include "tests/store/samples.hpp"
#include "tests/store/temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

// A process is killed at random moments of commit, print and acknowledge, and started again, many times. What
// it printed and what it stored are compared at the end.

namespace replmond::store {
namespace {

int rounds() {
    const char* more = std::getenv("REPLMOND_CRASH_ROUNDS");
    return more == nullptr ? 60 : std::atoi(more);
}

std::string word(const event& e, const char* key) {
    const field_value* value = e.find(key);
    return value == nullptr ? "" : std::get<std::string>(*value);
}

// One write: a line is there whole or not at all, also after a kill.
// After so many lines it kills its own process: the only way to hit the moments between two of them.
journal_callbacks printing_to(int lines, std::atomic<std::uint64_t>* last = nullptr,
                              std::size_t deadly_line = 0) {
    return {[lines, last, deadly_line, printed = std::size_t{0}](const event& e) mutable {
                if (!e.id)
                    std::_Exit(3); // nothing but events has reason to be printed here
                const char* replayed = e.find("replayed") == nullptr ? "" : " again";
                const std::string line = fmt::format("{} {}{}\n", *e.id, word(e, "payload"), replayed);
                if (write(lines, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
                    std::_Exit(4);
                if (++printed == deadly_line)
                    kill(getpid(), SIGKILL);
                if (last != nullptr) {
                    *last = *e.id;
                    last->notify_one();
                }
            },
            [](const std::function<void()>&) {}, [] {}, [] { return noon; }};
}

// Each batch writes the id of its last event into a task: state and events can be compared.
batch next_batch(const std::string& payload, std::uint64_t next_id, std::size_t size) {
    batch what;
    for (std::size_t i = 0; i < size; ++i) {
        what.events.push_back(sample_event(0));
        what.events.back().what.with("payload", fmt::format("{}.{}", payload, i));
    }
    task_record task;
    task.state.reading.name = "t";
    task.state.alerts_repeated = static_cast<std::int64_t>(next_id + size - 1);
    what.tasks[{orders, "t"}] = task;
    return what;
}

enum class manner {
    hurried, ///< much is queued and little printed when the end comes
    calm,    ///< each batch is printed before the next: the end comes around an acknowledgement or a commit
    deadly   ///< ends itself after a line
};

manner manner_of(int round) {
    constexpr std::array all = {manner::calm, manner::deadly, manner::calm, manner::hurried};
    return all[static_cast<std::size_t>(round) % all.size()];
}

std::uint64_t most_queued(manner how) {
    return how == manner::calm ? 0 : how == manner::deadly ? 200 : 1'000'000;
}

[[noreturn]] void run_until_killed(const std::string& path, int lines, int progress, int round,
                                   std::size_t end) {
    auto file = database::open(path, noon);
    if (!file)
        std::_Exit(5);
    const manner how = manner_of(round);
    std::uint64_t next_id = file->last_event_id().value() + 1;
    std::atomic<std::uint64_t> printed = next_id - 1;
    journal j(std::move(*file), {}, printing_to(lines, &printed, how == manner::deadly ? end + 1 : 0));
    for (std::size_t i = 0;; ++i) {
        const std::size_t size = 1 + i % 3;
        j.record(next_batch(fmt::format("{}.{}", round, i), next_id, size));
        next_id += size;
        for (auto seen = printed.load(); seen + 1 + most_queued(how) < next_id; seen = printed.load())
            printed.wait(seen);
        if (write(progress, "x", 1) != 1) // blocks now and then: the parent reads as much as it wants to see
            std::_Exit(6);
    }
}

void kill_after(const std::string& path, int lines, int round, std::size_t end) {
    int progress[2];
    ASSERT_EQ(pipe(progress), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        close(progress[0]);
        run_until_killed(path, lines, progress[1], round, end);
    }
    close(progress[1]);
    char byte = 0;
    const bool by_itself = manner_of(round) == manner::deadly;
    for (std::size_t seen = 0; (by_itself || seen < end) && read(progress[0], &byte, 1) == 1; ++seen)
        continue;
    if (!by_itself)
        kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    close(progress[0]);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);
}

struct printed_line {
    std::string payload;
    int plain = 0;
    int again = 0;
};

TEST(Crash, LosesNothingAndStoresNothingTwice) {
    const temporary_directory at;
    const std::string path = at / "state.db";
    const int lines = open((at / "lines").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ASSERT_GE(lines, 0);
    std::mt19937 random(20261122);
    for (int round = 0; round < rounds(); ++round) {
        ASSERT_NO_FATAL_FAILURE(kill_after(path, lines, round, random() % 60));
        auto file = database::open(path, noon);
        ASSERT_TRUE(file) << file.error().text;
        ASSERT_EQ(file->set_aside(), std::nullopt);
        const memory kept = file->load().value();
        const auto state = kept.empty() ? 0 : kept.at(orders).tasks.at("t").state.alerts_repeated;
        ASSERT_EQ(static_cast<std::uint64_t>(state), file->last_event_id().value()) << "round " << round;
    }
    {
        journal last(database::open(path, noon).value(), {}, printing_to(lines));
        ASSERT_TRUE(last.stop(std::chrono::seconds(60)));
    }
    close(lines);

    std::map<std::uint64_t, printed_line> printed;
    std::ifstream read(at / "lines");
    int again = 0;
    for (std::string line; std::getline(read, line);) {
        std::istringstream words(line);
        std::uint64_t id = 0;
        std::string payload, replayed;
        words >> id >> payload >> replayed;
        printed_line& of = printed[id];
        EXPECT_TRUE(of.payload.empty() || of.payload == payload) << "two events with one id: " << line;
        EXPECT_TRUE(replayed.empty() ? of.plain == 0 && of.again == 0 : true)
            << "printed again without a word: " << line;
        of.payload = payload;
        ++(replayed.empty() ? of.plain : of.again);
        again += replayed.empty() ? 0 : 1;
    }
    event_query all;
    all.limit = 10'000'000;
    const auto stored = database::open(path, noon).value().events(all).value();
    EXPECT_EQ(stored.size(), printed.size()) << "printed and stored differ";
    std::uint64_t expected = stored.size();
    for (const kept_event& event : stored) { // newest first, without a gap
        EXPECT_EQ(event.what.id, expected);
        EXPECT_EQ(printed[expected].payload, word(event.what, "payload"));
        --expected;
    }
    std::cout << fmt::format("{} rounds: {} events, {} lines printed again\n", rounds(), stored.size(),
                             again);
    EXPECT_GT(stored.size(), 0u);
}

} // namespace
} // namespace replmond::store
