"""Charts: data in, marks out (no Qt here); `app.ui.charts.view` draws the marks, `kinds` lists every chart."""
