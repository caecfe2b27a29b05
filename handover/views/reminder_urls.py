"""Addresses of what people are told."""

from __future__ import annotations

from django.urls import path

from handover.views import calendars, reminders

urlpatterns = [
    path("you/reminders/", reminders.choices, name="reminders"),
    path("you/reminders/calendar/", reminders.open_calendar, name="calendar-open"),
    path("you/reminders/calendar/revoke/", reminders.revoke_calendar, name="calendar-revoke"),
    path("you/reminders/stop/<str:key>/", reminders.stop, name="reminders-stop"),
    path("calendars/<str:secret>.ics", calendars.feed, name="calendar-feed"),
]
