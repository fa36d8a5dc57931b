#include "tests/monitor/fault_site.hpp"
#include "tests/monitor/fleet_fixture.hpp"
#include "tests/support/fault_page.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <list>
#include <unistd.h>

/// Every fault at once, each at an instance and a cloud of its own, in one fleet, beside an instance that
/// nothing happens to. Docs: docs/reliability.md has the outcome.
namespace replmond::testing {
namespace {

/// One fault on its way: a good poll, two that fail, a good one again.
struct trial {
    enum class stage { well, broken, failed_once, healed, over };

    fault_row row;
    std::string instance;
    fault_site site;
    stage is = stage::well;
    std::uint64_t good_polls = 0;       ///< before it was broken, or healed
    std::uint64_t neighbours_polls = 0; ///< before it was broken
    bool second_is_noted = false;
    std::size_t requests_at_first = 0; ///< after the first failed poll
    fault_outcome outcome;

    trial(boost::asio::io_context& loop, fault_row r, std::string name, const certificate& authority,
          const std::string& ca_file)
        : row(std::move(r)), instance(std::move(name)), site(loop, row, authority, ca_file) {}
};

class FaultMatrix : public Fleet {
protected:
    // Long enough for three attempts before the next tick: at most 2 x 1 s of deadlines and 1.5 s of
    // back-off.
    static constexpr auto between_polls = std::chrono::seconds(5);
    static constexpr auto short_deadline = std::chrono::seconds(1);

    void SetUp() override {
        Fleet::SetUp();
        ca_file_ = ::testing::TempDir() + "/replmond-faults-" + std::to_string(::getpid()) + ".pem";
        std::ofstream(ca_file_) << authority_.pem();
        settings_.concurrency = 256; // what holds slots is tested elsewhere
        page_size_ = static_cast<int>(page_of_list);
    }

    void TearDown() override {
        Fleet::TearDown();
        for (trial& t : trials_)
            t.site.close();
        run_dry(loop_);
        trials_.clear();
        std::remove(ca_file_.c_str());
    }

    void try_out(fault_row row, std::chrono::milliseconds every) {
        const auto project = trials_.size() + 1;
        const bool waits = row.waits;
        trial& t =
            trials_.emplace_back(loop_, std::move(row), fmt::format("i{}", project), authority_, ca_file_);
        if (!fleet_)
            make_fleet(); // with project 1
        else
            fleet_->add_project(project, t.instance, limits_);
        auto instance = instance_of(t.instance, t.site.api(), waits ? short_deadline : deadline_);
        instance.project = project;
        instance.interval = every;
        keys_[t.instance] = fleet_->add({instance}).front();
    }

    std::uint64_t bad_polls(const trial& t) const {
        return polls(t.instance) - polls(t.instance, poll_result::success);
    }

    // Takes it a stage on where it is time.
    void advance(trial& t) {
        const auto good = polls(t.instance, poll_result::success);
        switch (t.is) {
        case trial::stage::well:
            if (good == 0)
                return;
            t.good_polls = good;
            t.neighbours_polls = polls(trials_.front().instance);
            t.site.break_it();
            t.is = trial::stage::broken;
            return;
        case trial::stage::broken:
            if (polls(t.instance) == t.good_polls)
                return;
            t.requests_at_first = t.site.requests();
            note(t);
            t.is = t.row.pauses ? trial::stage::over : trial::stage::failed_once;
            return;
        case trial::stage::failed_once:
            if (polls(t.instance) < t.good_polls + 2)
                return;
            if (!t.second_is_noted)
                note_second(t);
            if (polls(trials_.front().instance) < t.neighbours_polls + 3)
                return; // it is polled meanwhile
            t.site.heal();
            t.good_polls = good;
            t.is = trial::stage::healed;
            return;
        case trial::stage::healed:
            if (good > t.good_polls)
                t.is = trial::stage::over;
            return;
        case trial::stage::over:
            return;
        }
    }

    void note(trial& t) {
        SCOPED_TRACE(t.row.name);
        const instance_state& now = state(t.instance);
        t.outcome.name = t.row.name;
        t.outcome.result = to_string(now.last_result.value());
        EXPECT_EQ(t.outcome.result, to_string(t.row.result));
        t.outcome.tasks_kept = now.tasks.size() == tasks_of_list ? "yes" : "no";
        EXPECT_EQ(now.tasks.size(), tasks_of_list);
        t.outcome.attempts = "1";
        t.outcome.said = "nothing";
        if (t.row.result == poll_result::success)
            return;
        ASSERT_EQ(seen_.count(t.instance, "poll_failed"), 1U);
        const event& told = seen_.last(t.instance, "poll_failed");
        EXPECT_EQ(text_of(told, "result"), t.outcome.result);
        EXPECT_EQ(text_of(told, "attempts"), std::to_string(t.row.attempts_at_first));
        EXPECT_EQ(text_of(told, "http_status"),
                  t.row.http_status == 0 ? "absent" : std::to_string(t.row.http_status));
        t.outcome.attempts = text_of(told, "attempts");
        t.outcome.said.clear();
        for (const auto* key : {"http_status", "error_code", "error_msg"}) {
            const std::string value = text_of(told, key);
            if (value != "absent")
                t.outcome.said += (t.outcome.said.empty() ? "" : ", ") + value;
        }
    }

    void note_second(trial& t) {
        SCOPED_TRACE(t.row.name);
        t.second_is_noted = true;
        EXPECT_EQ(state(t.instance).tasks.size(), tasks_of_list);
        EXPECT_EQ(state(t.instance).last_result, t.row.result);
        if (t.row.result == poll_result::success)
            return;
        const auto sent = t.site.requests() - t.requests_at_first;
        EXPECT_EQ(sent, static_cast<std::size_t>(t.row.attempts_while_failing));
        if (t.row.attempts_while_failing < 2)
            t.outcome.attempts += fmt::format(", then {}", sent);
    }

    void expect_told_once(const trial& t) {
        SCOPED_TRACE(t.row.name);
        const bool fails = t.row.result != poll_result::success;
        EXPECT_EQ(seen_.count(t.instance, "poll_failed"), fails ? 1U : 0U);
        EXPECT_EQ(seen_.count(t.instance, "poll_recovered"), fails && !t.row.pauses ? 1U : 0U);
        EXPECT_EQ(seen_.count(t.instance, "task_gone"), 0U);
        EXPECT_EQ(seen_.count(t.instance, "task_discovered"), tasks_of_list);
        EXPECT_EQ(state(t.instance).tasks.size(), tasks_of_list);
        if (!fails || t.row.pauses)
            return;
        EXPECT_EQ(text_of(seen_.last(t.instance, "poll_recovered"), "failures"),
                  std::to_string(bad_polls(t)));
    }

    std::string unfinished() const {
        std::string names;
        for (const trial& t : trials_) {
            if (&t != &trials_.front() && t.is != trial::stage::over)
                names += fmt::format("{} (at stage {}); ", t.row.name, static_cast<int>(t.is));
        }
        return names;
    }

    certificate authority_ = make_authority("replmond test authority");
    std::string ca_file_;
    std::list<trial> trials_;
    std::chrono::milliseconds deadline_ = patience; ///< of those that do not wait for one
};

// REPLMOND_UPDATE=1 writes the table anew.
TEST_F(FaultMatrix, EachIsToldOnceHarmsNobodyAndRecovers) {
    fault_row nothing;
    nothing.name = "nothing";
    nothing.result = poll_result::success;
    try_out(nothing, std::chrono::milliseconds(250));
    const trial& good = trials_.front();
    for (fault_row& row : fault_table())
        try_out(std::move(row), between_polls);

    begin();
    try {
        until([&] {
            bool over = true;
            for (trial& t : trials_) {
                if (&t == &good)
                    continue;
                advance(t);
                over = over && t.is == trial::stage::over;
            }
            return over;
        });
    } catch (const std::exception& e) {
        FAIL() << e.what() << "; not over: " << unfinished();
    }

    std::vector<fault_outcome> outcomes;
    for (const trial& t : trials_) {
        if (&t == &good)
            continue;
        expect_told_once(t);
        outcomes.push_back(t.outcome);
    }
    EXPECT_EQ(bad_polls(good), 0U);
    EXPECT_EQ(seen_.names(good.instance), std::vector<std::string>(tasks_of_list, "task_discovered"));

    const std::string path = REPLMOND_SOURCE_DIR "/docs/reliability.md";
    std::ifstream file(path);
    const std::string page(std::istreambuf_iterator<char>(file), {});
    const std::string table = fault_page(outcomes);
    if (std::getenv("REPLMOND_UPDATE") != nullptr && !HasFailure())
        std::ofstream(path) << with_table(page, table);
    else
        EXPECT_EQ(stored_table(page), table)
            << "run this test with REPLMOND_UPDATE=1, then read the difference";
}

// Nothing but being cancelled ends these requests: connecting, in the handshake, at every step of the answer.
TEST_F(FaultMatrix, StopWhileInstancesHangAtEveryStep) {
    deadline_ = std::chrono::hours(1);
    fault_row nothing;
    nothing.result = poll_result::success;
    try_out(nothing, std::chrono::milliseconds(10));
    for (fault_row& row : fault_table()) {
        if (row.result != poll_result::timeout)
            continue;
        row.waits = false;
        try_out(std::move(row), between_polls);
        trials_.back().site.break_it();
    }
    ASSERT_GT(trials_.size(), 8U);
    begin();
    until_polls(trials_.front().instance, 10); // meanwhile each has come to where it hangs
    for (std::size_t project = 2; project <= trials_.size(); ++project)
        EXPECT_EQ(fleet_->requests().scheduler().requests_in_window(project, fleet_->requests().up()), 1)
            << project;
    stop();
    EXPECT_EQ(group_.size(), 0U);
    for (const trial& t : trials_)
        EXPECT_EQ(bad_polls(t), 0U);
}

} // namespace
} // namespace replmond::testing
