import { Component, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";

const LONG = 30; // characters of a label

/** A titled chart, or a sentence when there is nothing to draw. `onPick(index, series)` follows a click on a bar. */
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
        useEffect(
            () => this.draw(),
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
