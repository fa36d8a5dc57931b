#include "daemon/core/tracking/reading.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

/// Lists that move while they are read, from seeded dice: who is declared gone, and who never is.
namespace replmond::tracking {
namespace {

using names = std::set<std::string>;

// What one pass over the pages showed, seen by eyes of its own.
struct seen_pass {
    names seen;
    std::set<std::size_t> totals;

    bool consistent() const { return totals.size() == 1 && *totals.begin() == seen.size(); }
};

class moving_cloud {
public:
    explicit moving_cloud(unsigned seed) : random_(seed) {
        for (std::size_t i = 0; i < 2 + below(8); ++i)
            rows_.push_back(new_name());
    }

    std::size_t below(std::size_t limit) { return random_() % limit; }

    void shuffle() { std::shuffle(rows_.begin(), rows_.end(), random_); }

    void churn() {
        if (!rows_.empty() && below(2) == 0)
            rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(below(rows_.size())));
        if (below(2) == 0)
            rows_.insert(rows_.begin() + static_cast<std::ptrdiff_t>(below(rows_.size() + 1)), new_name());
    }

    // As it is now.
    cloud::page page_at(std::size_t offset, std::size_t limit) const {
        cloud::page page;
        page.total_count = rows_.size();
        for (std::size_t i = offset; i < std::min(offset + limit, rows_.size()); ++i) {
            task_reading task;
            task.name = rows_[i];
            page.tasks.push_back(std::move(task));
        }
        page.records = page.tasks.size();
        return page;
    }

    names all() const { return {rows_.begin(), rows_.end()}; }

private:
    std::string new_name() { return "t" + std::to_string(++last_); }

    std::mt19937 random_;
    std::vector<std::string> rows_;
    int last_ = 0;
};

struct poll_outcome {
    reading read;
    std::vector<seen_pass> passes;
};

template<class Move>
poll_outcome poll(moving_cloud& of, reading_memory& memory, const names& known, std::size_t limit,
                  Move move) {
    poll_outcome outcome;
    list_reading progress(
        memory, [&] { return known; }, static_cast<int>(limit));
    auto step = list_reading::step::read_on;
    while (step == list_reading::step::read_on) {
        if (progress.offset() == 0)
            outcome.passes.emplace_back();
        cloud::page page = of.page_at(progress.offset(), limit);
        seen_pass& now = outcome.passes.back();
        now.totals.insert(page.total_count.value());
        for (const task_reading& task : page.tasks)
            now.seen.insert(task.name);
        step = progress.add(std::move(page));
        move();
    }
    EXPECT_EQ(step, list_reading::step::done);
    memory = progress.memory();
    outcome.read = progress.take_reading();
    return outcome;
}

void learn(const reading& read, names& known) {
    for (const auto& [name, task] : read.tasks)
        known.insert(name);
    for (const std::string& name : read.gone)
        known.erase(name);
}

TEST(MovingList, RowsThatOnlyMoveAreNeverGone) {
    std::size_t contradictions = 0;
    for (unsigned seed = 0; seed < 300; ++seed) {
        moving_cloud of(seed);
        reading_memory memory;
        names known = of.all();
        const std::size_t limit = 1 + of.below(4);
        for (int i = 0; i < 20 && !memory.total_ignored; ++i) {
            const auto outcome = poll(of, memory, known, limit, [&] {
                if (of.below(3) == 0)
                    of.shuffle();
            });
            ASSERT_TRUE(outcome.read.gone.empty()) << "seed " << seed;
            contradictions += outcome.read.consistent ? 0 : 1;
        }
    }
    EXPECT_GT(contradictions, 100U); // they did move
}

TEST(MovingList, GoneIsWhatTwoConsistentReadingsLack) {
    std::size_t gone = 0;
    for (unsigned seed = 0; seed < 300; ++seed) {
        moving_cloud of(seed);
        reading_memory memory;
        names known = of.all();
        const std::size_t limit = 1 + of.below(4);
        for (int i = 0; i < 20 && !memory.total_ignored; ++i) {
            const auto outcome = poll(of, memory, known, limit, [&] {
                if (of.below(4) == 0)
                    of.churn();
            });
            SCOPED_TRACE(seed);
            if (!outcome.read.gone.empty()) {
                ASSERT_TRUE(outcome.read.consistent);
                ASSERT_TRUE(outcome.passes.back().consistent());
            }
            for (const std::string& name : outcome.read.gone) {
                const auto lacks_it = [&](const seen_pass& p) {
                    return p.consistent() && !p.seen.contains(name);
                };
                ASSERT_GE(std::count_if(outcome.passes.begin(), outcome.passes.end(), lacks_it), 2) << name;
                ASSERT_FALSE(outcome.passes.back().seen.contains(name));
                ASSERT_TRUE(known.contains(name));
            }
            gone += outcome.read.gone.size();
            learn(outcome.read, known);
        }
    }
    EXPECT_GT(gone, 100U); // some were
}

TEST(MovingList, WhoIsGoneIsToldOnceTheListStandsStill) {
    for (unsigned seed = 0; seed < 300; ++seed) {
        moving_cloud of(seed);
        reading_memory memory;
        names known = of.all();
        const std::size_t limit = 1 + of.below(4);
        for (int i = 0; i < 10 && !memory.total_ignored; ++i)
            learn(poll(of, memory, known, limit, [&] { of.churn(); }).read, known);
        if (memory.total_ignored)
            continue; // the count was distrusted: another rule
        for (int i = 0; i < 2; ++i)
            learn(poll(of, memory, known, limit, [] {}).read, known);
        EXPECT_EQ(known, of.all()) << "seed " << seed;
    }
}

} // namespace
} // namespace replmond::tracking
