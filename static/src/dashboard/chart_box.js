import { Component, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";

const LONG = 30; // characters of a label

/** A titled chart, or a sentence when there is nothing to draw. `onPick(index, series)` follows a bar, by mouse or keys. */
export class ChartBox extends Component {
    static template = "ghl.ChartBox";
    static props = {
        title: String,
        labels: Array,
        series: Array, // [{label, values, color, type?}]
        stacked: { type: Boolean, optional: true },
        lying: { type: Boolean, optional: true },
        empty: { type: String, optional: true },
        onPick: { type: Function, optional: true },
        format: { type: Function, optional: true },
    };

    setup() {
        this.canvas = useRef("canvas");
        this.state = useState({ told: "" });
        useEffect(
            () => {
                this.chosen = null;
                this.draw();
            },
            () => [this.props.labels, this.props.series]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    get isEmpty() {
        return !this.props.series.some((row) => row.values.some(Boolean));
    }

    /** Lying bars need their lines. */
    get height() {
        return this.props.lying ? `height: max(16rem, ${1.75 * this.props.labels.length + 2}rem)` : "";
    }

    get emptyText() {
        return this.props.empty || _t("Nothing in this period.");
    }

    /** What those hear who do not see the canvas. */
    get spoken() {
        const sum = (row) => row.values.reduce((total, value) => total + value, 0);
        return [this.props.title, ...this.props.series.map((row) => `${row.label}: ${this.text(sum(row))}`)].join(", ");
    }

    text(value) {
        return this.props.format ? this.props.format(value) : String(value);
    }

    /** The bars there are to open, in the order of the labels. */
    get bars() {
        const { labels, series } = this.props;
        const all = labels.flatMap((_label, index) => series.map((_row, datasetIndex) => ({ index, datasetIndex })));
        return all.filter(({ index, datasetIndex }) => series[datasetIndex].values[index]);
    }

    onFocus() {
        this.state.told = _t("Choose a bar with the arrow keys, and open it with Enter.");
    }

    onKey(ev) {
        const onward = { ArrowRight: localization.direction === "rtl" ? -1 : 1, ArrowDown: 1, ArrowUp: -1 };
        onward.ArrowLeft = -onward.ArrowRight;
        if (ev.key === "Enter" && this.chosen) {
            this.props.onPick(this.chosen.index, this.chosen.datasetIndex);
        } else if (ev.key in onward) {
            this.choose(onward[ev.key]);
        } else {
            return;
        }
        ev.preventDefault(); // the page does not scroll
    }

    /** The next bar, or the one before; from the first one on, and no further than the last. */
    choose(step) {
        const { bars } = this;
        const isChosen = (bar) => bar.index === this.chosen?.index && bar.datasetIndex === this.chosen.datasetIndex;
        const at = this.chosen ? bars.findIndex(isChosen) + step : 0;
        this.chosen = bars[Math.max(0, Math.min(at, bars.length - 1))];
        const { index, datasetIndex } = this.chosen;
        const row = this.props.series[datasetIndex];
        this.state.told = `${this.props.labels[index]}, ${row.label}: ${this.text(row.values[index])}`;
        this.chart.setActiveElements([this.chosen]);
        this.chart.tooltip.setActiveElements([this.chosen], { x: 0, y: 0 });
        this.chart.update();
    }

    draw() {
        this.chart?.destroy();
        this.chart = null;
        if (!this.canvas.el) {
            return;
        }
        const style = getComputedStyle(this.canvas.el);
        const lines = style.getPropertyValue("--border-color") || "rgba(128, 128, 128, 0.3)";
        const { lying, stacked } = this.props;
        const rtl = localization.direction === "rtl";
        const measure = { stacked, beginAtZero: true, grid: { color: lines } };
        measure.ticks = { color: style.color, precision: 0, callback: (value) => this.text(value) };
        const names = { stacked, grid: { display: false }, ticks: { color: style.color, maxRotation: 0 } };
        names.ticks.autoSkip = !lying;
        names.ticks.callback = function (index) {
            const label = this.getLabelForValue(index);
            return label.length > LONG ? `${label.slice(0, LONG - 1)}…` : label;
        };
        // From right to left the first bar, and the beginning of lying ones, is at the right.
        const across = { reverse: rtl };
        const up = { position: rtl ? "right" : "left" };
        this.chart = new Chart(this.canvas.el, {
            type: "bar",
            data: {
                labels: this.props.labels,
                datasets: this.props.series.map((row) => ({
                    label: row.label,
                    data: row.values,
                    backgroundColor: row.color,
                    maxBarThickness: 36,
                })),
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                indexAxis: lying ? "y" : "x",
                scales: lying
                    ? { x: { ...measure, ...across }, y: { ...names, ...up } }
                    : { x: { ...names, ...across }, y: { ...measure, ...up } },
                plugins: {
                    legend: { rtl, display: this.props.series.length > 1, labels: { color: style.color, boxWidth: 12 } },
                    tooltip: { rtl, callbacks: { label: (item) => `${item.dataset.label}: ${this.text(item.raw)}` } },
                },
                onClick: (_event, [picked]) => picked && this.props.onPick?.(picked.index, picked.datasetIndex),
            },
        });
    }
}
