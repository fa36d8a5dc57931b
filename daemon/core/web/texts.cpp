// The texts of the pages in English and Chinese. The Chinese ones use the terms of the cloud's console.

#include "daemon/core/web/texts.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <unordered_map>

namespace replmond::web {

namespace {

constexpr std::array table = std::to_array<page_text>({
    // Head, banner and end of every page.
    {"Skip to the content", "跳到正文"},
    {"Data synchronization from TaurusDB to StarRocks", "TaurusDB 到 StarRocks 的数据同步"},
    {"Daemon", "守护进程"},
    {"Boards", "仪表盘"},
    {"Metrics", "指标"},
    {"Configuration", "配置"},
    {"Ready", "就绪检查"},
    {"Healthy", "存活检查"},
    {"Language", "语言"},
    {"As of ", "数据截至 "},
    {"Version", "版本"},
    {"{} (revision {}, {})", "{}（修订 {}，{}）"},
    {"Up for", "已运行"},
    {"Is ready", "是否就绪"},
    {"yes", "是"},
    {"no", "否"},
    {"Listens on", "监听地址"},
    {"State file", "状态文件"},
    {"in memory", "仅在内存中"},
    {"Shard", "分片"},

    // Ages and moments.
    {"{} s", "{} 秒"},
    {"{} min", "{} 分钟"},
    {"{} h", "{} 小时"},
    {"{} h {} min", "{} 小时 {} 分钟"},
    {"{} d", "{} 天"},
    {"{} d {} h", "{} 天 {} 小时"},
    {"{} ago", "{}前"},
    {"for {}", "已持续 {}"},
    {"since ", "始于 "},

    // What is wrong.
    {"{} task is abnormal", "{} 个任务异常"},
    {"{} tasks are abnormal", "{} 个任务异常"},
    {"{} instance cannot be read", "{} 个实例读取失败"},
    {"{} instances cannot be read", "{} 个实例读取失败"},
    {"{} task is gone", "{} 个任务已消失"},
    {"{} tasks are gone", "{} 个任务已消失"},
    {"{} task needs repair", "{} 个任务需要修复"},
    {"{} tasks need repair", "{} 个任务需要修复"},
    {"{} task is behind", "{} 个任务延迟过高"},
    {"{} tasks are behind", "{} 个任务延迟过高"},
    {"{} task makes no progress", "{} 个任务无进展"},
    {"{} tasks make no progress", "{} 个任务无进展"},
    {"{} task is cancelled", "{} 个任务已取消"},
    {"{} tasks are cancelled", "{} 个任务已取消"},
    {"{} task has no known status", "{} 个任务状态未知"},
    {"{} tasks have no known status", "{} 个任务状态未知"},
    {"{} task is outdated", "{} 个任务数据过期"},
    {"{} tasks are outdated", "{} 个任务数据过期"},
    {"{} task has an unknown lag", "{} 个任务延迟未知"},
    {"{} tasks have an unknown lag", "{} 个任务延迟未知"},
    {", ", "，"},
    {".", "。"},
    {"No instance is watched.", "尚未监控任何实例。"},
    {"Nothing is known to be wrong, but {} of {} was not read yet.",
     "未发现异常，但 {1}中有 {0} 个尚未读取。"},
    {"Nothing is known to be wrong, but {} of {} were not read yet.",
     "未发现异常，但 {1}中有 {0} 个尚未读取。"},
    {"Nothing is wrong: {} of {}", "一切正常：{1}的 {0}"},
    {", all read within the last {}", "，均在最近 {}内读取"},
    {"{} task", "{} 个任务"},
    {"{} tasks", "{} 个任务"},
    {"{} instance", "{} 个实例"},
    {"{} instances", "{} 个实例"},
    {"not listed any more; it was {}", "已不在任务列表中；消失前为“{}”"},
    {"StarRocks is {} behind", "StarRocks 延迟 {}"},
    {"full, at {} %", "全量同步，停在 {} %"},
    {"in stage {}", "处于“{}”阶段"},
    {"still listed, but nothing is synchronized", "仍在列表中，但不再同步数据"},
    {"cannot be read", "读取失败"},
    {"{} instances of {}", "{1} 的 {0} 个实例"},
    {"And {} other failures of polls.", "另有 {} 类轮询失败。"},
    {"And {} more: ", "另有 {} 项："},
    {"all tasks with something wrong", "全部有问题的任务"},
    {"Write what to watch into ", "请在以下文件中填写要监控的内容："},
    {"every StarRocks instance of the project", "该项目的全部 StarRocks 实例"},
    {"and single ones, or only these", "也可以只列出单个实例"},
    {"36 characters, from the console", "36 个字符，见控制台"},
    {"Check it with ", "先检查配置："},
    {", then have it read: ", "，再让 replmond 重新加载："},
    {", or send SIGHUP.", "，或发送 SIGHUP。"},

    // Conditions, stages and statuses: the console's terms.
    {"abnormal", "异常"},
    {"gone", "已消失"},
    {"needs repair", "需要修复"},
    {"behind", "延迟过高"},
    {"no progress", "无进展"},
    {"outdated", "数据过期"},
    {"status unknown", "状态未知"},
    {"cancelled", "已取消"},
    {"lag unknown", "延迟未知"},
    {"wait", "等待"},
    {"full", "全量同步"},
    {"incremental", "增量同步"},
    {"paused", "暂停"},
    {"unknown", "未知"},
    {"normal", "正常"},

    // The table of tasks.
    {"Tasks", "数据同步任务"},
    {"Numbers of tasks", "任务数量"},
    {"all", "全部"},
    {"need repair", "需要修复"},
    {"Filters in force", "生效的筛选条件"},
    {"take off", "取消"},
    {"{}: {}", "{}：{}"},
    {"search", "搜索"},
    {"project", "项目"},
    {"instance", "实例"},
    {"task", "任务"},
    {"status", "状态"},
    {"stage", "同步阶段"},
    {"something wrong", "有问题"},
    {"condition", "问题类型"},
    {"Search", "搜索"},
    {"Show", "查询"},
    {"Filter and sort", "筛选和排序"},
    {"Instance", "实例"},
    {"Project", "项目"},
    {"Status", "状态"},
    {"Stage", "同步阶段"},
    {"Something wrong", "有问题"},
    {"Condition", "问题类型"},
    {"Sorted by", "排序"},
    {"any", "不限"},
    {"worst first", "最严重的在前"},
    {"least progress", "进度最低"},
    {"most progress", "进度最高"},
    {"least lag", "延迟最低"},
    {"most lag", "延迟最高"},
    {"longest in its stage", "处于当前阶段最久"},
    {"newest in its stage", "最近进入当前阶段"},
    {"Synchronization tasks", "数据同步任务"},
    {"Task", "任务"},
    {"State", "状态"},
    {"Progress", "进度"},
    {"Lag", "延迟"},
    {"In this state", "处于当前状态"},
    {"temporary", "临时"},
    {"not known", "未知"},
    {"last known: ", "最近一次读取："},
    {"catch-up: {}", "追赶：{}"},
    {"not read for {}", "已 {}未读取"},
    {"not reported", "未上报"},
    {"Progress of {}", "{} 的进度"},
    {"not read yet", "尚未读取"},
    {"not measured", "未测量"},
    {"No task is known yet.", "尚未读取到任务。"},
    {"There are no tasks.", "没有任务。"},
    {"No task fits this filter.", "没有符合条件的任务。"},
    {"There is nothing on this page.", "本页没有内容。"},
    {"Pages of tasks", "任务分页"},
    {"Previous", "上一页"},
    {"Next", "下一页"},
    {"none", "无"},
    {"nothing on this page", "本页没有内容"},
    {"{}–{} of {}", "第 {}–{} 项，共 {} 项"},

    // Events.
    {"Recent events", "最近事件"},
    {"Recent warnings and errors", "最近的警告和错误"},
    {"Recent events, newest first", "最近事件，新的在前"},
    {"Nothing has happened yet.", "尚无事件。"},
    {"No warning and no error is among the stored events.", "已保存的事件中没有警告和错误。"},
    {"Warnings and errors only", "只看警告和错误"},
    {"All events", "全部事件"},
    {"as JSON", "JSON 格式"},
    {"When", "时间"},
    {"Level", "级别"},
    {"About", "对象"},
    {"What", "内容"},

    // The messages of events, which the log has in English.
    {"the cloud lists a new synchronization task", "云服务列出了新的数据同步任务"},
    {"the cloud no longer lists the synchronization task", "云服务不再列出该数据同步任务"},
    {"the cloud no longer lists the temporary synchronization task, which is normal",
     "云服务不再列出该临时任务，属正常现象"},
    {"the synchronization task was rebuilt with other databases under the same name",
     "数据同步任务以相同名称重建，数据库已改变"},
    {"the stage changed", "同步阶段改变"},
    {"the catch-up stage changed", "追赶阶段改变"},
    {"the synchronization is abnormal", "数据同步异常"},
    {"the synchronization is normal again", "数据同步恢复正常"},
    {"the cloud says why the synchronization is abnormal or needs repair",
     "云服务给出了异常或需要修复的原因"},
    {"tables of this task need repair", "该任务有表需要修复"},
    {"tables of this task no longer need repair", "该任务的表不再需要修复"},
    {"the cloud listed this task more than once; the task counts as abnormal if one of its records is "
     "abnormal",
     "云服务重复列出了该任务；只要有一条记录异常，就视为异常"},
    {"the cloud sent a value that replmond does not understand; it counts as unknown",
     "云服务返回了 replmond 无法识别的值，按未知处理"},
    {"the cloud sent a note with the task list of this instance", "云服务在该实例的任务列表中附带了说明"},
    {"the cloud no longer sends a note with the task list of this instance",
     "云服务不再在该实例的任务列表中附带说明"},
    {"StarRocks is behind TaurusDB", "StarRocks 落后于 TaurusDB，延迟过高"},
    {"StarRocks has caught up with TaurusDB", "StarRocks 已追上 TaurusDB"},
    {"the heartbeat in StarRocks cannot be read", "StarRocks 中的心跳读取失败"},
    {"the heartbeat in TaurusDB cannot be read", "TaurusDB 中的心跳读取失败"},
    {"the heartbeat in TaurusDB cannot be written", "TaurusDB 中的心跳写入失败"},
    {"the heartbeat can be read again", "心跳恢复可读"},
    {"the heartbeat can be written again", "心跳恢复可写"},
    {"the poll failed; replmond keeps the tasks that it knew before",
     "轮询失败；replmond 保留此前已知的任务"},
    {"the poll succeeded again", "轮询恢复成功"},
    {"discovery found a StarRocks instance; replmond polls it from now on",
     "自动发现了 StarRocks 实例；replmond 开始轮询它"},
    {"the StarRocks instance is gone; replmond no longer polls it",
     "StarRocks 实例已消失；replmond 不再轮询它"},
    {"the StarRocks instance has a new name", "StarRocks 实例已改名"},

    // Instances.
    {"StarRocks instances: {}", "StarRocks 实例：{}"},
    {", {} cannot be read", "，{} 个读取失败"},
    {", {} not polled yet", "，{} 个尚未轮询"},
    {", all polls succeed", "，轮询全部成功"},
    {"StarRocks instances, the worst first", "StarRocks 实例，最严重的在前"},
    {"Last poll", "最近一次轮询"},
    {"Last success", "最近一次成功"},
    {"Next poll", "下一次轮询"},
    {"discovered", "自动发现"},
    {"not polled yet", "尚未轮询"},
    {"success", "成功"},
    {"auth", "认证失败"},
    {"throttled", "被限流"},
    {"timeout", "超时"},
    {"network", "网络错误"},
    {"tls", "TLS 错误"},
    {"http", "HTTP 错误"},
    {"protocol", "响应无法解析"},
    {"inconsistent", "列表不一致"},
    {"never", "从未"},
    {"{} abnormal", "{} 个异常"},
    {"{} need repair", "{} 个需要修复"},
    {"{} behind", "{} 个延迟过高"},
    {"{} without progress", "{} 个无进展"},
    {"{} gone", "{} 个已消失"},
    {"{} outdated", "{} 个数据过期"},
    {"now", "现在"},
    {"in {}", "{}后"},
    {"every {}", "间隔 {}"},
    {"Pages of instances", "实例分页"},

    // The page of one task.
    {"Wrong", "问题"},
    {"nothing", "无"},
    {"Newest heartbeat in StarRocks", "StarRocks 中最新的心跳"},
    {"Newest heartbeat in TaurusDB", "TaurusDB 中最新的心跳"},
    {"Last read", "最近一次读取"},
    {"it is not in the list any more", "已不在任务列表中"},
    {"before ", "早于 "},
    {"Instance id", "实例 ID"},
    {"Databases", "数据库"},
    {"Kind", "类型"},
    {"main task", "主任务"},
    {"temporary task", "临时任务"},
    {"Reason", "原因"},
    {"Last state", "最后状态"},
    {"In this stage", "处于当前阶段"},
    {"With this status", "正常或异常已保持"},
    {"With this progress", "停留在当前进度"},
    {"Board of this task", "该任务的仪表盘"},
    {"its events as JSON", "该任务的事件（JSON 格式）"},
    {"Its events", "该任务的事件"},
    {"Events of this task, newest first", "该任务的事件，新的在前"},
    {"None of the stored events is about this task.", "已保存的事件中没有该任务的记录。"},
    {"No such task", "没有该任务"},
    {"There is no task \"{}\" in an instance \"{}\".", "实例“{1}”中没有任务“{0}”。"},
    {"All tasks", "全部任务"},

    // The script.
    {"Pause updates", "暂停刷新"},
    {"Local time", "本地时间"},
    {"UTC", "UTC"},
    {"Show times in your zone", "按本地时区显示时间"},
    {"Show times in UTC", "按 UTC 显示时间"},
    {"replmond does not answer since ", "replmond 无响应，始于 "},
    {": {}. What is shown is from then.", "：{}。页面内容为当时的数据。"},
    {"This page could not be updated since ", "页面无法更新，始于 "},
    {"the answer is {}", "收到状态码 {}"},
    {"the answer is not a page of replmond", "收到的不是 replmond 的页面"},
    {"replmond answers again", "replmond 已恢复响应"},
});

constexpr std::array of_script = std::to_array<std::string_view>(
    {"Pause updates", "Local time", "UTC", "Show times in your zone", "Show times in UTC",
     "replmond does not answer since ", "This page could not be updated since ",
     ": {}. What is shown is from then.", "the answer is {}", "the answer is not a page of replmond",
     "replmond answers again"});

} // namespace

std::span<const page_text> page_texts() {
    return table;
}

std::span<const std::string_view> script_texts() {
    return of_script;
}

std::string_view translated(language in, std::string_view english) {
    static const auto chinese = [] {
        std::unordered_map<std::string_view, std::string_view> texts;
        for (const page_text& each : table)
            texts.emplace(each.english, each.chinese);
        return texts;
    }();
    if (in == language::english)
        return english;
    const auto found = chinese.find(english);
    return found == chinese.end() ? english : found->second;
}

std::string script_texts_json(language in) {
    boost::json::object texts;
    for (const std::string_view each : of_script)
        texts[each] = translated(in, each);
    return boost::json::serialize(texts);
}

} // namespace replmond::web
